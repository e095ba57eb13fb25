"""One question each that the engine answers at every point of a function: state and transfer."""
