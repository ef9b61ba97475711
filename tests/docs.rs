//! Compiles and runs the code in the pages that users copy from.

#![cfg(doctest)]

#[doc = include_str!("../README.md")]
struct Readme;

#[doc = include_str!("../docs/guide.md")]
struct Guide;

#[doc = include_str!("../docs/simulator.md")]
struct Simulator;
