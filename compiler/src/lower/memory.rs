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
    /// Chunks in use.
    pub(super) chunks: u32,
    /// Blocks of weights in use.
    pub(super) blocks: u32,
}

/// Blocks of weights that a network needs.
pub(super) fn blocks(network: &Network) -> u64 {
    let lanes = u64::from(network.array.lanes);
    let blocks = |sources: usize, destinations: usize, bias: bool| {
        let columns = (sources as u64).div_ceil(lanes) + u64::from(bias);
        columns * (destinations as u64).div_ceil(lanes)
    };
    let readout = &network.readout;
    let source = network.population(readout.source).shape.size();
    let projections = network.projections.iter();
    projections
        .map(|p| blocks(network.source_size(p), network.destination_size(p), p.bias))
        .sum::<u64>()
        + blocks(source, readout.classes as usize, readout.bias)
}

/// Everything one after the other, in declaration order; the readout last.
pub(super) fn layout(network: &Network, lines: &SourceLines) -> Layout {
    let lanes = network.array.lanes;
    let mut chunk = 0;
    let mut neurons = |name: &str, line: u32, neurons: u32| {
        let map = NeuronMap {
            name: name.to_string(),
            line,
            neurons,
            chunk,
            chunks: neurons.div_ceil(lanes),
        };
        chunk += map.chunks;
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

    let mut block = 0;
    let mut layer = |name: String, line: u32, sources: u32, destination: &NeuronMap, bias: bool| {
        let (chunks, source_chunks) = (destination.chunks, sources.div_ceil(lanes));
        let map = LayerMap {
            name,
            line,
            sources,
            source_chunks,
            destinations: destination.neurons,
            chunks,
            block,
            // The bias is one more column of blocks, of which source 0 is used.
            bias_block: bias.then_some(block + source_chunks * chunks),
        };
        block = map.end();
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
