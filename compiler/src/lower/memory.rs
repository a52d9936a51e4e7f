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
    /// Weight rows in use.
    pub(super) rows: u32,
}

/// Rows of each weight bank that a network needs.
pub(super) fn weight_rows(network: &Network) -> u64 {
    let lanes = u64::from(network.array.lanes);
    let rows = |sources: usize, destinations: usize, bias: bool| {
        (sources as u64 + u64::from(bias)) * (destinations as u64).div_ceil(lanes)
    };
    let readout = &network.readout;
    let source = network.population(readout.source).shape.size();
    let projections = network.projections.iter();
    projections
        .map(|p| rows(network.source_size(p), network.destination_size(p), p.bias))
        .sum::<u64>()
        + rows(source, readout.classes as usize, readout.bias)
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

    let mut row = 0;
    let mut layer = |name: String, line: u32, sources: u32, destination: &NeuronMap, bias: bool| {
        let chunks = destination.chunks;
        let map = LayerMap {
            name,
            line,
            sources,
            destinations: destination.neurons,
            chunks,
            row,
            bias_row: bias.then_some(row + sources * chunks),
        };
        row += (sources + u32::from(bias)) * chunks;
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
        rows: row,
    }
}
