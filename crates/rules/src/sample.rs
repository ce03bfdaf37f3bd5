//! Texts made from rules: under construction.
