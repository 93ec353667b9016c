//! Nothing: its tests use the functions of `taskweave-neighbour`.
