//! Zstandard.

use super::budget::{Consumed, Metered};
use super::{Damage, Opener, compressed};
use model::Origin;
use ruzstd::decoding::errors::{FrameDecoderError, ReadFrameHeaderError};
use ruzstd::decoding::{BlockDecodingStrategy, FrameDecoder};
use std::cell::Cell;
use std::io::{self, BufRead, Read};

/// Visits what is in a Zstandard file. Frames one after the other are one file, as for `zstd`.
pub(super) fn open(
    opener: &mut Opener<'_>,
    origin: &Origin,
    input: &mut dyn BufRead,
    depth: usize,
) -> Result<(), Damage> {
    let consumed = Cell::new(0);
    let frames = Frames::new(Consumed::new(input, &consumed), opener.budget.limits().window);
    let input = Metered::new(frames, opener.budget, &consumed);
    compressed::open(opener, origin, input, |_| None, depth)
}

/// What frames unpack, one after the other. A block is unpacked at a time: 128 KiB at most beyond the window.
struct Frames<R> {
    input: R,
    decoder: FrameDecoder,
    is_open: bool,
    window: u64,
    /// What ended the unpacking, behind what had been unpacked until then.
    failed: Option<io::Error>,
}

/// An empty last block of a frame, and room for a checksum.
const LAST_BLOCK: [u8; 7] = [1, 0, 0, 0, 0, 0, 0];

impl<R: BufRead> Frames<R> {
    fn new(input: R, window: u64) -> Frames<R> {
        let mut decoder = FrameDecoder::new();
        decoder.set_max_window_size(window);
        Frames { input, decoder, is_open: false, window, failed: None }
    }

    /// Reads the head of the next frame, or over one that holds nothing for us.
    fn begin(&mut self) -> io::Result<()> {
        match self.decoder.reset(&mut self.input) {
            Ok(()) => self.is_open = true,
            Err(FrameDecoderError::ReadFrameHeaderError(ReadFrameHeaderError::SkipFrame { length, .. })) => {
                let length = u64::from(length);
                if io::copy(&mut (&mut self.input).take(length), &mut io::sink())? < length {
                    return Err(io::ErrorKind::UnexpectedEof.into());
                }
            }
            Err(FrameDecoderError::WindowSizeTooBig { requested, .. }) => {
                let window = self.window;
                let why = format!("it takes {requested} bytes of memory, and {window} are allowed");
                return Err(io::Error::new(io::ErrorKind::Unsupported, why));
            }
            Err(FrameDecoderError::DictNotProvided { .. }) => {
                return Err(io::Error::new(io::ErrorKind::Unsupported, "it takes a dictionary that is not in it"));
            }
            Err(error) => return Err(self.damage(&error)),
        }
        Ok(())
    }

    fn damage(&mut self, error: &FrameDecoderError) -> io::Error {
        // The decoder wraps the end of its input in errors of many kinds.
        match self.input.fill_buf() {
            Ok([]) => io::ErrorKind::UnexpectedEof.into(),
            _ => io::Error::new(io::ErrorKind::InvalidData, error.to_string()),
        }
    }

    fn check(&self) -> io::Result<()> {
        match (self.decoder.get_checksum_from_data(), self.decoder.get_calculated_checksum()) {
            (Some(told), Some(is)) if told != is => {
                Err(io::Error::new(io::ErrorKind::InvalidData, "its checksum does not fit"))
            }
            _ => Ok(()),
        }
    }
}

impl<R: BufRead> Read for Frames<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if buffer.is_empty() {
            return Ok(0);
        }
        loop {
            if !self.is_open {
                if self.input.fill_buf()?.is_empty() {
                    return Ok(0);
                }
                self.begin()?;
                continue;
            }
            while self.decoder.can_collect() == 0 && !self.decoder.is_finished() {
                let unpacked = self.decoder.decode_blocks(&mut self.input, BlockDecodingStrategy::UptoBlocks(1));
                if let Err(error) = unpacked {
                    let error = self.damage(&error);
                    // The decoder keeps a window's bytes back until the frame ends.
                    let ended = self.decoder.decode_blocks(&LAST_BLOCK[..], BlockDecodingStrategy::UptoBlocks(1));
                    if self.failed.is_some() || ended.is_err() {
                        return Err(error);
                    }
                    self.failed = Some(error);
                }
            }
            let read = self.decoder.read(buffer)?;
            if read > 0 {
                return Ok(read);
            }
            if let Some(error) = self.failed.take() {
                return Err(error);
            }
            self.check()?;
            self.is_open = false;
        }
    }
}
