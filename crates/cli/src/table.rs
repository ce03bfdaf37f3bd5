//! Aligned columns, two spaces between them.

use std::io::{self, Write};

/// Writes rows with every column but the last filled up to its widest cell; a line each, no space at their ends.
pub fn write<const N: usize>(rows: &[[String; N]], out: &mut dyn Write) -> io::Result<()> {
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
    let widths: [usize; N] = std::array::from_fn(width);
    for row in rows {
        let cells: Vec<String> = row.iter().zip(widths).map(|(cell, width)| format!("{cell:width$}")).collect();
        writeln!(out, "{}", cells.join("  ").trim_end())?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_align_and_lines_end_clean() {
        let rows = [["a", "long one", ""], ["bcd", "x", "y"]].map(|row| row.map(str::to_owned));
        let mut out = Vec::new();
        write(&rows, &mut out).unwrap();
        assert_eq!(String::from_utf8(out).unwrap(), "a    long one\nbcd  x         y\n");
    }
}
