//! Where inputs, states and weights lie.

use crate::check::SourceLines;
use spidec_ir::Network;
use spidec_ir::program::{InputMap, LayerMap, NeuronMap};

/// The memory map of a network.
pub(super) struct Layout {
    pub(super) lanes: u32,
    pub(super) input: InputMap,
    pub(super) populations: Vec<NeuronMap>,
    pub(super) readout: NeuronMap,
    pub(super) layers: Vec<LayerMap>,
    /// Chunks in use; may be more than an array can have, as may the next.
    pub(super) chunks: u64,
    /// Blocks of weights in use.
    pub(super) blocks: u64,
}

/// Everything one after the other, in declaration order; the readout last. Addresses that 32 bits do
/// not hold stand as the largest; [`super::limits`] refuses such a layout.
pub(super) fn layout(network: &Network, lines: &SourceLines) -> Layout {
    let lanes = network.array.lanes;
    let mut chunk = 0u64;
    let mut neurons = |name: &str, line: u32, neurons: u32| {
        let map = NeuronMap {
            name: name.to_string(),
            line,
            neurons,
            chunk: address(chunk),
            chunks: neurons.div_ceil(lanes),
        };
        chunk += u64::from(map.chunks);
        map
    };
    let populations: Vec<NeuronMap> = network
        .populations
        .iter()
        .zip(&lines.populations)
        .map(|(p, &line)| neurons(&p.name, line, p.shape.size() as u32))
        .collect();
    let readout = neurons(
        &network.readout.name,
        lines.readout,
        network.readout.classes,
    );

    let mut block = 0u64;
    let mut layer = |name: String, line: u32, sources: u32, destination: &NeuronMap, bias: bool| {
        let (chunks, source_chunks) = (destination.chunks, sources.div_ceil(lanes));
        // The bias is one more column of blocks, of which source 0 is used.
        let column = |k: u32| block + u64::from(k) * u64::from(chunks);
        let end = column(source_chunks + u32::from(bias));
        let map = LayerMap {
            name,
            line,
            sources,
            source_chunks,
            destinations: destination.neurons,
            chunks,
            block: address(block),
            bias_block: bias.then_some(address(column(source_chunks))),
        };
        block = end;
        map
    };
    let mut layers: Vec<LayerMap> = network
        .projections
        .iter()
        .zip(&lines.projections)
        .map(|(p, &line)| {
            let sources = network.source_size(p) as u32;
            let destination = &populations[p.destination.index()];
            layer(
                network.projection_name(p),
                line,
                sources,
                destination,
                p.bias,
            )
        })
        .collect();
    let sources = populations[network.readout.source.index()].neurons;
    layers.push(layer(
        network.readout.name.clone(),
        lines.readout,
        sources,
        &readout,
        network.readout.bias,
    ));

    let values = network.input.shape.size() as u32;
    Layout {
        lanes,
        input: InputMap {
            name: network.input.name.clone(),
            line: lines.input,
            values,
            rows: values.div_ceil(lanes),
        },
        populations,
        readout,
        layers,
        chunks: chunk,
        blocks: block,
    }
}

fn address(at: u64) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}
