//! The one table of codes.

use serde::Serialize;

/// Whether a finding stops the compiler.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// It does.
    Error,
    /// It does not: legal, but surely not what was meant.
    Warning,
}

/// Makes the enum and its table from one list, so that neither can have an entry that the other lacks.
macro_rules! codes {
    ($($variant:ident, $name:literal, $title:literal, $explanation:literal;)*) => {
        /// The code of a finding: stable, one kind of mistake each. `E` are errors, `W` warnings.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Code {
            $(#[doc = $title] $variant,)*
        }

        impl Code {
            /// Every code, in the order of the table.
            pub const ALL: &[Code] = &[$(Code::$variant),*];

            /// As printed, such as `E041`.
            pub fn name(self) -> &'static str {
                match self { $(Code::$variant => $name),* }
            }

            /// The kind of mistake, in a few words.
            pub fn title(self) -> &'static str {
                match self { $(Code::$variant => $title),* }
            }

            /// What the rule is, and what to do.
            pub fn explanation(self) -> &'static str {
                match self { $(Code::$variant => $explanation),* }
            }

            /// The file `examples/CODE.diff`, for [`crate::explain`].
            pub(crate) fn example(self) -> &'static [u8] {
                match self {
                    $(Code::$variant => include_bytes!(concat!("examples/", $name, ".diff"))),*
                }
            }
        }
    };
}

impl Code {
    /// Error or warning.
    pub fn severity(self) -> Severity {
        if self.name().starts_with('W') {
            Severity::Warning
        } else {
            Severity::Error
        }
    }
}

codes! {
    // The text.
    InvalidUtf8, "E001", "the file is not text",
        "A network file is UTF-8 text. Save it as UTF-8; names are ASCII, comments may use any character.";
    Syntax, "E002", "a line that follows no rule",
        "Statements are `keyword name [shape] = value`, `keyword a -> b = value` and, in training and array, `name = value`. One stands on a line; inside brackets a line may break.";
    Unclosed, "E003", "a bracket or block that is never closed",
        "Every `(`, `[` and `{` needs its closing partner: calls and lists before the next statement, blocks before the next block.";
    TooDeep, "E004", "brackets nested too deep",
        "Values nest at most three deep, as in `dense(init = normal(std = 0.1))`. Look for a bracket that is not closed.";
    Brace, "E005", "a brace that opens or closes nothing",
        "Braces belong to the blocks `network NAME { }`, `training { }` and `array { }`, which do not stand inside each other.";
    BadNumber, "E006", "not a number",
        "Numbers are decimals with at most one point and an optional exponent (12, -1, 0.5, 1e-3), or a fraction of two of them with a positive denominator (1/256).";
    BadName, "E007", "not a name",
        "Names are ASCII letters, digits and `_`, and begin with a letter or `_`. Keywords of Verilog are legal.";

    // The file.
    NoVersion, "E010", "no language version",
        "The first line of a network file is `spidec 1`, so that a later compiler knows how to read it.";
    OtherVersion, "E011", "another language version",
        "This compiler reads language version 1. Take a compiler for the version that the file names, or write the file in version 1.";
    VersionPlace, "E012", "a version line that is not the first line",
        "`spidec 1` stands once, before everything but comments.";
    UnknownBlock, "E020", "an unknown block",
        "The blocks are `network NAME { }`, `training { }` and `array { }`.";
    DuplicateBlock, "E021", "a block that stands there twice",
        "Each of `network`, `training` and `array` stands once. Put the statements of both into one.";
    NoNetwork, "E022", "no network",
        "A file has one block `network NAME { }`; `training` and `array` may be left out.";
    BlockName, "E023", "a block's name is missing or not wanted",
        "`network` has a name, which names the files of the hardware; `training` and `array` have none.";
    StrayStatement, "E024", "a statement outside of the blocks",
        "Declarations and projections stand in `network NAME { }`, settings in `training { }` and `array { }`.";

    // Statements.
    UnknownKeyword, "E030", "an unknown keyword",
        "A network has `input`, `population`, `readout`, `forward` and `feedback`; training has `forward_stage`, `backward_stage`, `loss`, `update`, `schedule`, `warm_up`, `augment`, `published` and `seed`; array has `lanes`, `weight`, `membrane`, `error`, `trace` and `learning`.";
    MissingPart, "E031", "a statement with a part missing",
        "Declarations are `keyword name [shape] = value`, projections `keyword a -> b = value`, settings `name = value`. Only a population's shape may be left out.";
    ExtraPart, "E032", "a statement with a part too many",
        "Declarations have no arrow, projections no shape (it follows from both ends), settings neither.";
    DuplicateEntry, "E033", "a setting that stands there twice",
        "Each setting of training and array stands at most once; remove one of them.";

    // Names.
    DuplicateName, "E040", "a name used twice",
        "Input, populations and readout have different names: projections find them by name.";
    UnknownName, "E041", "an unknown name",
        "Projections and the readout's `from` name the input or a population of the same network.";
    WrongEnd, "E042", "a name that cannot stand here",
        "A projection goes from the input or a population to a population; the readout reads a population.";
    MissingDeclaration, "E043", "input, population or readout is missing",
        "A network has one input, one population or more, and one readout.";
    SecondDeclaration, "E044", "a second input or readout",
        "A network has exactly one input and one readout. Put more data into one input side by side, more classes into one readout.";

    // Shapes.
    BadShape, "E050", "not a shape",
        "Shapes are `[n]` or `[height, width, channels]`, a readout's `[classes]`, all whole numbers from 1.";
    TooLarge, "E051", "a shape too large or too small",
        "An input or a population has at most 1048576 values, all populations together 16777216, a readout 2 to 1024 classes. All layers together have at most 67108864 weights, and a kernel's weights times the places that it stands over are at most 4294967296.";

    UntoldShape, "E052", "a shape that nothing tells",
        "A population's shape may be left out where a projection from what stands before tells it: `conv` or `conv_transpose` with `channels`, or `avg_pool`. Shapes are found in declaration order.";
    ShapeMismatch, "E053", "shapes that do not fit together",
        "All operators but `dense` and `zero` run between shapes `[height, width, channels]`. A convolution gives (extent + 2 pad - kernel) / stride + 1, rounded down; a transposed one (extent - 1) stride + kernel + output_pad - 2 pad; pooling extent / size, which must divide, and the same channels.";
    NoPicture, "E054", "`augment` without a picture",
        "Augmentation shifts pictures, so the input is `constant` and has the shape `[height, width, channels]` with more rows and columns than the pixels of the shift.";

    // Values.
    UnknownWord, "E060", "an unknown word",
        "Each place of the language knows a few words; the message lists them.";
    Unsupported, "E061", "a word of the language that is not supported yet",
        "The word belongs to the language, but nothing executes it yet. It is refused rather than ignored; the message says what is supported instead.";
    WrongType, "E062", "a value of the wrong kind",
        "Values are numbers, names, lists and calls; each place takes one kind.";
    OutOfRange, "E063", "a value out of range",
        "The message names the range. Values are never changed to fit.";
    MissingArgument, "E064", "an argument is missing",
        "The argument has no default: `constant` needs `scale`, `lif` needs `leak`, `linear` needs `from`, `conv` and `conv_transpose` need `kernel`, `avg_pool` needs `size`, `normal` needs `std`, `uniform` needs `bound`, `milestones` needs `at`, `cosine` needs `epochs`, `fixed` needs `bits`.";
    UnknownArgument, "E065", "an unknown argument",
        "The call has no argument of that name; the message lists those that it has. Arguments have names, but for `round(stochastic)`.";
    DuplicateArgument, "E066", "an argument given twice",
        "Each argument is given at most once, and so is each name in the list of `published`; remove one of them.";

    // Projections.
    NotForward, "E070", "`forward` where `feedback` is meant",
        "`forward` carries this step's spikes, so its source is declared before its destination. A population's projection to itself or to an earlier one carries the previous step's spikes: `feedback`.";
    NotFeedback, "E071", "`feedback` where `forward` is meant",
        "`feedback` carries the previous step's spikes, so its source is declared at or after its destination. From the input, or to a later population: `forward`.";
    DuplicateProjection, "E072", "two projections between the same pair",
        "A projection is known by its two ends, so a pair has one. Two dense ones are one with the sum of the weights; remove one.";

    // What fixed-point engines cannot do: errors only where one of them is asked for.
    Feature, "E079", "something that fixed point, or the array, has not",
        "Fixed point, and with it the array, executes dense projections, from a constant input that is scaled only, and learns by plain gradient descent; the array moreover only neurons without leak. The floating-point engine executes everything that the language has.";
    InputScale, "E080", "an input scale that fixed point cannot hold",
        "In fixed point the input's scale is a power of two from 1/16384 to 1, so that scaling is a shift.";
    ThresholdFormat, "E081", "a threshold or reset that the membrane format cannot hold",
        "Thresholds and resets become integers in the membrane's unit: give the membrane more bits, or more fraction bits.";
    MembraneFraction, "E082", "membrane and weight formats do not match",
        "The membrane has as many fraction bits as the weight, or up to 8 more, with leaky neurons up to 16, so that adding a weight is exact.";
    GradientScale, "E083", "a gradient scale out of range",
        "The loss scale times (v_th - u_rest) of the forward stage over that of the backward stage lies from 1/65536 to 65536.";
    Accumulator, "E084", "sums that can become too wide",
        "The array's accumulators have 32 bits, and the compiler proves that no sum can leave them, whatever the weights are. Take fewer weight bits, fewer fraction bits of the membrane, or of the trace where leaky neurons are read, or fewer sources.";
    Batch, "E085", "batches in fixed point",
        "The fixed-point engines learn from one sample at a time: batch = 1. The floating-point engine takes any batch.";
    Momentum, "E086", "momentum in fixed point",
        "The fixed-point engines keep no momentum: momentum = 0. The floating-point engine takes it.";
    WeightDecay, "E087", "weight decay in fixed point",
        "The fixed-point engines apply no weight decay: weight_decay = 0. The floating-point engine takes it.";
    EventRange, "E088", "values that are too large for an event",
        "What weights are multiplied by has 18 bits: input values, counts, and errors times the gradient's factor; and a leaky rate's trace has those of its format, which must hold a spike in every step. Take fewer bits for the error, or a loss scale and thresholds that are powers of two; fewer fraction bits for the trace.";
    RateTooLarge, "E089", "a learning rate too large for fixed point",
        "The factor of a weight update does not fit the array's learning register in the first epoch. Take a smaller rate or a larger loss scale.";

    // What no array is large enough for: errors only where the array is asked for.
    LossUnit, "E090", "an error format that the array's loss unit cannot use",
        "The loss unit divides in integers of 31 bits: classes times steps times the weight's units, times what the error format reaches beyond 1, must fit; and the format needs a bit before the point for cross-entropy, two for the mean squared error.";
    WeightWords, "E091", "more weights than the array can hold",
        "The host port reaches 16777216 words of weights. A layer takes its sources times its destination's size, each rounded up to a multiple of the lanes; a bias takes as many as lanes sources.";
    StateChunks, "E092", "more neurons than the array can hold",
        "The state memories have at most 16383 chunks, one neuron a lane each; every population and the readout begin a chunk of their own.";
    ProgramLength, "E093", "a program too long for the array",
        "The program memory has at most 65535 instructions, of which every population takes 1 to 3 and every projection 1 to 6, what learns included.";

    // Legal, but surely not what was meant.
    Unreached, "W001", "a population that nothing reaches",
        "No path leads from the input to the population, and no projection into it has a bias: it never fires.";
    DeadEnd, "W002", "a population that does not reach the readout",
        "No path leads from the population to the readout: it has no influence and never learns.";
    MembraneRange, "W003", "a membrane format with little room",
        "One reset or threshold takes more than half of the membrane's range, so membranes will saturate. Saturations are counted, and change what is computed.";
    InitRange, "W004", "initial weights that leave their format",
        "More than 1 % of the initial weights lie outside the weight format. With overflow = error they are refused, with overflow = saturate they are clamped.";
    ErrorRange, "W005", "an error format that must saturate",
        "The gradient of cross-entropy with respect to a logit lies from -1 to 1; the error format does not reach that far.";
    VanishingRate, "W006", "a schedule that makes the learning rate vanish",
        "After three epochs less than a ten-thousandth of the learning rate is left.";
    RateTooSmall, "W008", "a learning rate too small for fixed point",
        "Every update of the layer rounds to zero: its weights never change in fixed point.";
    Rounded, "W009", "a number that fixed point rounds",
        "The number is not a multiple of the format's unit; fixed-point engines use the nearest that is. Nothing is rounded in floating point.";
    AllFrozen, "W010", "a network in which everything is frozen",
        "Each projection and the readout have `frozen = true`, so training changes no weight.";
}
