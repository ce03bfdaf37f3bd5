use crate::encode::{Encoding, through};
use crate::filler::Filler;
use crate::rng::Rng;
use std::ops::Range;

/// A text with secrets in it, described piece by piece: small to print, and a failing one is made smaller by leaving
/// pieces out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Text(pub Vec<Piece>);

/// One piece of a [`Text`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece {
    /// Text around secrets.
    Filler {
        /// What it looks like.
        kind: Filler,
        /// Seed of its content.
        seed: u64,
        /// Its length, in bytes.
        len: usize,
    },
    /// A sample.
    Plant {
        /// Which one: an index into the samples, taken modulo their number.
        sample: usize,
        /// The encodings it goes through, the innermost first.
        chain: Vec<Encoding>,
        /// How many bytes of other text are encoded with it, before and after: moves it through the phases of base64.
        around: (u8, u8),
        /// Whether line ends set it apart from what stands beside it.
        apart: bool,
    },
}

/// A written [`Text`].
#[derive(Clone, Debug, Default)]
pub struct Planted {
    /// The text.
    pub bytes: Vec<u8>,
    /// What was planted in it, in order.
    pub plants: Vec<Plant>,
}

/// A sample in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plant {
    /// Index into the samples.
    pub sample: usize,
    /// The encodings it went through, the innermost first.
    pub chain: Vec<Encoding>,
    /// Whether line ends set it apart.
    pub apart: bool,
    /// Where it stands: of an encoded one, the encoded text with what was encoded along.
    pub span: Range<usize>,
}

impl Text {
    /// Writes the text, planting `samples`. Without samples only the filler is written.
    pub fn write(&self, samples: &[Vec<u8>]) -> Planted {
        let mut planted = Planted::default();
        for piece in &self.0 {
            planted.push(piece, samples);
        }
        planted
    }
}

impl Piece {
    /// The bytes of this piece alone.
    pub fn write(&self, samples: &[Vec<u8>]) -> Vec<u8> {
        let mut planted = Planted::default();
        planted.push(self, samples);
        planted.bytes
    }
}

impl Planted {
    fn push(&mut self, piece: &Piece, samples: &[Vec<u8>]) {
        match piece {
            Piece::Filler { kind, seed, len } => self.bytes.extend(kind.write(&mut Rng::new(*seed), *len)),
            Piece::Plant { .. } if samples.is_empty() => {}
            Piece::Plant { sample, chain, around, apart } => {
                let sample = sample % samples.len();
                let text =
                    [surroundings(around.0, false), samples[sample].clone(), surroundings(around.1, true)].concat();
                if *apart {
                    self.bytes.push(b'\n');
                }
                let start = self.bytes.len();
                self.bytes.extend(through(chain, &text));
                let span = start..self.bytes.len();
                self.plants.push(Plant { sample, chain: chain.clone(), apart: *apart, span });
                if *apart {
                    self.bytes.push(b'\n');
                }
            }
        }
    }
}

/// `len` bytes of a note, a space on the side of the sample.
fn surroundings(len: u8, after: bool) -> Vec<u8> {
    const NOTE: &[u8] = b"the following line belongs to the notes of last week; ";
    let mut text: Vec<u8> = NOTE.iter().copied().cycle().take(usize::from(len)).collect();
    if after {
        text.reverse();
    }
    if let Some(beside) = if after { text.first_mut() } else { text.last_mut() } {
        *beside = b' ';
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plants_stand_where_they_are_said_to() {
        let plain = Piece::Plant { sample: 5, chain: vec![], around: (3, 0), apart: true };
        let hex = Piece::Plant { sample: 0, chain: vec![Encoding::Hex { upper: false }], around: (0, 1), apart: false };
        let filler = Piece::Filler { kind: Filler::Log, seed: 1, len: 100 };
        let samples = [b"one".to_vec(), b"other".to_vec()];
        let planted = Text(vec![filler, plain, hex]).write(&samples);
        assert_eq!(planted.plants.len(), 2);
        assert_eq!(&planted.bytes[planted.plants[0].span.clone()], b"th other");
        assert_eq!(&planted.bytes[planted.plants[1].span.clone()], b"6f6e6520");
        assert_eq!(planted.bytes.len(), 100 + 8 + 2 + 8);
    }
}
