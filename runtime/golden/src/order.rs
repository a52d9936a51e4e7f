//! From the recorded order of values, channels first, to the engines', channels last, and back.

use spidec_ir::network::{Operator, Shape};

/// For each value in the recorded order, its place in the engines'.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Order(Vec<usize>);

impl Order {
    /// The order of a layer's or an input's values, by its recorded shape.
    pub fn of_shape(recorded: &[u32]) -> Order {
        match *recorded {
            [channels, height, width] => {
                let [channels, places] = [channels as usize, height as usize * width as usize];
                let of = |c| (0..places).map(move |place| place * channels + c);
                Order((0..channels).flat_map(of).collect())
            }
            _ => Order((0..recorded.iter().map(|&n| n as usize).product()).collect()),
        }
    }

    /// Of a list whose order is the same.
    pub fn same(len: usize) -> Order {
        Order((0..len).collect())
    }

    /// The order of a projection's weights, by the orders of what it connects. Recorded are dense
    /// weights as `[destination][source]`, those of a kernel as `[destination channel][source
    /// channel][row][column]`, of a transposed convolution with source channels first.
    pub fn of_weights(
        operator: Operator,
        source: (&Shape, &Order),
        destination: (&Shape, &Order),
    ) -> Order {
        let (from, to) = (source.0.channels(), destination.0.channels());
        let kernel = |side: u32, outer: usize, inner: usize, transposed: bool| {
            let taps = (side * side) as usize;
            let mut order = Vec::with_capacity(outer * inner * taps);
            for a in 0..outer {
                for b in 0..inner {
                    let (s, d) = if transposed { (a, b) } else { (b, a) };
                    order.extend((0..taps).map(|tap| (d * taps + tap) * from + s));
                }
            }
            Order(order)
        };
        match operator {
            Operator::Dense => {
                let sources = source.1.len();
                let row = |&d: &usize| source.1.0.iter().map(move |s| d * sources + s);
                Order(destination.1.0.iter().flat_map(row).collect())
            }
            Operator::Convolution { window, .. } => kernel(window.kernel, to, from, false),
            Operator::ConvolutionTranspose { window, .. } => kernel(window.kernel, from, to, true),
            Operator::AveragePool { .. } | Operator::Zero => Order(Vec::new()),
        }
    }

    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// As the engines have it. Of as many values as the order has.
    pub fn to_engine<T: Copy + Default>(&self, recorded: &[T]) -> Vec<T> {
        let mut values = vec![T::default(); self.0.len()];
        for (&place, &value) in self.0.iter().zip(recorded) {
            values[place] = value;
        }
        values
    }

    /// As it is recorded.
    pub fn to_recorded<T: Copy>(&self, values: &[T]) -> Vec<T> {
        self.0.iter().map(|&place| values[place]).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use spidec_ir::network::Window;

    #[test]
    fn channels_go_last_and_come_back() {
        let order = Order::of_shape(&[2, 1, 3]);
        let recorded = [10, 11, 12, 20, 21, 22];
        let engine = order.to_engine(&recorded);
        assert_eq!(engine, [10, 20, 11, 21, 12, 22]);
        assert_eq!(order.to_recorded(&engine), recorded);
        assert_eq!(Order::of_shape(&[4]), Order::same(4));
    }

    /// Each weight is named by what it connects, in both orders.
    #[test]
    fn weights_keep_what_they_connect() {
        let shape = Shape(vec![1, 2, 3]);
        let (source, destination) = (Order::of_shape(&[3, 1, 2]), Order::of_shape(&[2, 1, 2]));
        let to = Shape(vec![1, 2, 2]);
        let dense = Order::of_weights(Operator::Dense, (&shape, &source), (&to, &destination));
        // Source channel c of column x is c 2 + x recorded, x 3 + c here.
        let engine = dense.to_engine(&(0..24).collect::<Vec<_>>());
        for (c_d, x_d, c_s, x_s) in [(0, 0, 0, 1), (1, 0, 2, 1), (1, 1, 1, 0)] {
            let recorded = (c_d * 2 + x_d) * 6 + c_s * 2 + x_s;
            assert_eq!(engine[(x_d * 2 + c_d) * 6 + x_s * 3 + c_s], recorded);
        }
        let window = Window {
            kernel: 2,
            stride: 1,
            pad: 0,
        };
        let operators = [
            Operator::Convolution {
                window,
                standardize: false,
            },
            Operator::ConvolutionTranspose {
                window,
                output_pad: 0,
            },
        ];
        for (operator, transposed) in operators.into_iter().zip([false, true]) {
            let order = Order::of_weights(operator, (&shape, &source), (&to, &destination));
            let engine = order.to_engine(&(0..24).collect::<Vec<_>>());
            for (d, s, tap) in [(0, 0, 3), (1, 2, 1), (0, 1, 2)] {
                let recorded = if transposed { s * 2 + d } else { d * 3 + s } * 4 + tap;
                assert_eq!(engine[(d * 4 + tap) * 3 + s], recorded);
            }
        }
    }
}
