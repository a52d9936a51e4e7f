//! A root solver: fixed points of a map, by iteration and Anderson acceleration.

use std::collections::VecDeque;

/// The largest change at which a point counts as fixed, in units of its largest value or 1.
const TOLERANCE: f64 = 1e-13;
/// How far a point may lie, in units of the image of zero or 1: farther ones are no solution, but what
/// rounding makes of there being none.
const FARTHEST: f64 = 1e8;
/// Points that are remembered, and points without progress before the way is given up.
const MEMORY: usize = 50;
/// Starts that are tried.
const TRIES: i32 = 8;
/// Small steps from one start to the next.
const SMALL_STEPS: usize = 200;
/// A direction counts as new where this part of it is not in the span of later ones.
const INDEPENDENT: f64 = 1e-9;

/// A point and what the map changes there.
#[derive(Clone)]
struct Visit {
    x: Vec<f64>,
    change: Vec<f64>,
}

/// A map whose fixed point is looked for.
struct Search<M> {
    map: M,
    /// How far a point may lie.
    farthest: f64,
    /// The smallest change seen.
    least: f64,
}

/// A fixed point of `map`, which replaces a point by its image; else the smallest of the changes that
/// were seen.
///
/// The first start is zero. Where the way from there leads astray, small parts of the map's change
/// are followed, as a spiking network does, to where the next one starts.
pub(super) fn settle(size: usize, map: impl FnMut(&mut [f64])) -> Result<Vec<f64>, f64> {
    let mut search = Search {
        map,
        farthest: f64::INFINITY,
        least: f64::INFINITY,
    };
    let mut start = search.visit(vec![0.0; size]);
    let image = moved(&start.x, &start.change, 1.0);
    search.farthest = FARTHEST * largest(&image).max(1.0);
    let mut part = 0.5;
    for _ in 0..TRIES {
        if let Some(found) = search.accelerated(start.clone()) {
            return Ok(found);
        }
        for _ in 0..SMALL_STEPS {
            start = search.visit(moved(&start.x, &start.change, part));
        }
        part *= 0.5;
        if !search.is_near(&start) {
            break;
        }
    }
    Err(search.least)
}

impl<M: FnMut(&mut [f64])> Search<M> {
    fn visit(&mut self, x: Vec<f64>) -> Visit {
        let mut image = x.clone();
        (self.map)(&mut image);
        let visit = Visit {
            change: moved(&image, &x, -1.0),
            x,
        };
        if self.is_near(&visit) {
            self.least = self.least.min(largest(&visit.change));
        }
        visit
    }

    /// Whether all is finite and not too far.
    fn is_near(&self, visit: &Visit) -> bool {
        largest(&visit.x) <= self.farthest && largest(&visit.change).is_finite()
    }

    /// The map is iterated as long as that halves the change in each step. Else the next point comes
    /// from the combination of the remembered ones whose change is smallest, were the map linear
    /// (Anderson's method); for a linear map that is nearly GMRES.
    fn accelerated(&mut self, start: Visit) -> Option<Vec<f64>> {
        let mut memory = VecDeque::from([start]);
        let (mut best, mut last, mut stale) = (f64::INFINITY, f64::INFINITY, 0);
        while stale <= MEMORY {
            let visit = memory.back().filter(|visit| self.is_near(visit))?;
            let change = largest(&visit.change);
            if change <= TOLERANCE * largest(&visit.x).max(1.0) {
                // So near, sum and difference are exact: this is the image.
                return Some(moved(&visit.x, &visit.change, 1.0));
            }
            stale = if change < best { 0 } else { stale + 1 };
            best = change.min(best);
            let next = if change <= 0.5 * last {
                moved(&visit.x, &visit.change, 1.0)
            } else {
                combined(&memory)
            };
            last = change;
            let next = self.visit(next);
            memory.push_back(next);
            if memory.len() > MEMORY {
                memory.pop_front();
            }
        }
        None
    }
}

/// The image, were the map linear, of the combination of visits whose change is smallest.
fn combined(memory: &VecDeque<Visit>) -> Vec<f64> {
    let Some(newest) = memory.back() else {
        return Vec::new();
    };
    let Visit { mut x, mut change } = newest.clone();
    // Differences of neighbors, the newest first, made orthogonal to those before them.
    let mut directions: Vec<Visit> = Vec::new();
    let older = memory.iter().rev().skip(1);
    for (new, old) in memory.iter().rev().zip(older) {
        if directions.len() == x.len() {
            break;
        }
        let mut direction = Visit {
            x: moved(&new.x, &old.x, -1.0),
            change: moved(&new.change, &old.change, -1.0),
        };
        let before = dot(&direction.change, &direction.change);
        for other in &directions {
            let along = -dot(&direction.change, &other.change);
            direction.change = moved(&direction.change, &other.change, along);
            direction.x = moved(&direction.x, &other.x, along);
        }
        let left = dot(&direction.change, &direction.change);
        if left > INDEPENDENT * INDEPENDENT * before {
            let unit = 1.0 / left.sqrt();
            direction.change.iter_mut().for_each(|v| *v *= unit);
            direction.x.iter_mut().for_each(|v| *v *= unit);
            let along = -dot(&change, &direction.change);
            change = moved(&change, &direction.change, along);
            x = moved(&x, &direction.x, along);
            directions.push(direction);
        }
    }
    moved(&x, &change, 1.0)
}

/// `x + by direction`.
fn moved(x: &[f64], direction: &[f64], by: f64) -> Vec<f64> {
    x.iter().zip(direction).map(|(x, d)| x + by * d).collect()
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

/// The largest magnitude; NaN where one is.
fn largest(values: &[f64]) -> f64 {
    let larger = |a: f64, b: f64| if a >= b || a.is_nan() { a } else { b };
    values.iter().map(|v| v.abs()).fold(0.0, larger)
}

#[cfg(test)]
mod tests {
    use super::*;
    use spidec_ir::random::hash;

    const SIZE: usize = 40;

    /// A number from -1 to 1.
    fn noise(words: &[u64]) -> f64 {
        (hash(words) % 20_001) as f64 / 10_000.0 - 1.0
    }

    /// `x -> A x + b`, `A` of random entries up to `strength`.
    fn linear(seed: u64, strength: f64) -> (Vec<Vec<f64>>, Vec<f64>) {
        let row = |i| {
            let entry = |j| strength * noise(&[seed, i, j]);
            (0..SIZE as u64).map(entry).collect()
        };
        let b = (0..SIZE as u64).map(|i| noise(&[seed, 99, i, 1]));
        ((0..SIZE as u64).map(row).collect(), b.collect())
    }

    fn image(a: &[Vec<f64>], b: &[f64], x: &[f64]) -> Vec<f64> {
        a.iter().zip(b).map(|(row, b)| dot(row, x) + b).collect()
    }

    /// The solution of `(1 - A) x = b` by elimination with pivots.
    fn eliminated(a: &[Vec<f64>], b: &[f64]) -> Vec<f64> {
        let mut rows: Vec<Vec<f64>> = (0..SIZE)
            .map(|i| {
                let entry = |j: usize| f64::from(u8::from(i == j)) - a[i][j];
                (0..SIZE).map(entry).chain([b[i]]).collect()
            })
            .collect();
        for k in 0..SIZE {
            let pivot = (k..SIZE)
                .max_by(|&i, &j| rows[i][k].abs().total_cmp(&rows[j][k].abs()))
                .unwrap();
            rows.swap(k, pivot);
            let pivot = rows[k].clone();
            for row in rows.iter_mut().skip(k + 1) {
                let factor = row[k] / pivot[k];
                row.iter_mut()
                    .zip(&pivot)
                    .for_each(|(v, p)| *v -= factor * p);
            }
        }
        let mut x = vec![0.0; SIZE];
        for k in (0..SIZE).rev() {
            let known: f64 = (k + 1..SIZE).map(|j| rows[k][j] * x[j]).sum();
            x[k] = (rows[k][SIZE] - known) / rows[k][k];
        }
        x
    }

    #[test]
    fn linear_maps_have_the_point_that_elimination_finds() {
        // Spectral radii of about 0.4, 1, 2 and 4: but the first, iteration alone diverges.
        for strength in [0.1, 0.28, 0.55, 1.1] {
            for seed in 0..5 {
                let (a, b) = linear(seed, strength);
                let wanted = eliminated(&a, &b);
                let mut evaluations = 0;
                let found = settle(SIZE, |x| {
                    evaluations += 1;
                    x.copy_from_slice(&image(&a, &b, x));
                })
                .unwrap();
                let off = largest(&moved(&found, &wanted, -1.0)) / largest(&wanted).max(1.0);
                assert!(off < 1e-9, "{strength} {seed}: {off:e} after {evaluations}");
                println!("{strength} {seed}: {evaluations}, {off:e}");
            }
        }
    }

    #[test]
    fn clamped_maps_settle_where_iteration_swings() {
        // Inhibition: iteration goes from all 0 to all 1 and back for ever.
        let mut swings = 0;
        for seed in 0..4 {
            let (mut a, b) = linear(seed, 0.2);
            a.iter_mut().flatten().for_each(|w| *w -= 0.5);
            let clamped = |x: &[f64]| -> Vec<f64> {
                let sums = image(&a, &b, x).into_iter();
                sums.map(|v| (v + 9.0).clamp(0.0, 1.0)).collect()
            };
            let mut plain = vec![0.0; SIZE];
            for _ in 0..1000 {
                plain = clamped(&plain);
            }
            swings += usize::from(clamped(&plain) != plain);
            let found = settle(SIZE, |x| x.copy_from_slice(&clamped(x))).unwrap();
            assert!(
                largest(&moved(&clamped(&found), &found, -1.0)) < 1e-10,
                "{seed}"
            );
        }
        assert_eq!(swings, 4);
    }

    #[test]
    fn a_map_without_a_fixed_point_is_told() {
        let change = settle(3, |x| x.iter_mut().for_each(|v| *v += 0.5)).unwrap_err();
        assert!((change - 0.5).abs() < 1e-9, "{change}");
        assert_eq!(settle(3, |x| x.fill(f64::NAN)), Err(f64::INFINITY));
        assert!(settle(1, |x| x[0] = x[0] * x[0] + 1.0).is_err());
    }
}
