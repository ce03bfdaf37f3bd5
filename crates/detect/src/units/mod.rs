//! Offline proofs: under construction.
