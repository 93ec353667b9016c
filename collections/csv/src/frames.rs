//! Files compressed with zstd.
//!
//! In: a file of any number of frames, some of which may have to be skipped. Out: what is in them, one behind the other, compared with
//! their checksums where they have any.

use ruzstd::decoding::errors::{FrameDecoderError, ReadFrameHeaderError};
use ruzstd::decoding::{BlockDecodingStrategy, FrameDecoder};
use std::io::{BufRead, Error, ErrorKind, Read, Result};

/// The frames of a file.
pub(crate) struct Frames<R> {
    source: R,
    decoder: FrameDecoder,
    is_inside: bool,
}

impl<R: BufRead> Frames<R> {
    pub(crate) fn new(source: R) -> Frames<R> {
        Frames { source, decoder: FrameDecoder::new(), is_inside: false }
    }

    /// Begins the next frame, if there is one.
    fn enter(&mut self) -> Result<()> {
        while !self.is_inside && !self.source.fill_buf()?.is_empty() {
            match self.decoder.init(&mut self.source) {
                Ok(()) => self.is_inside = true,
                Err(FrameDecoderError::ReadFrameHeaderError(ReadFrameHeaderError::SkipFrame {
                    length,
                    ..
                })) => {
                    let skipped = (&mut self.source).take(u64::from(length));
                    if std::io::copy(&mut { skipped }, &mut std::io::sink())? < u64::from(length) {
                        return Err(ErrorKind::UnexpectedEof.into());
                    }
                }
                Err(error) => return Err(said(error)),
            }
        }
        Ok(())
    }

    fn leave(&mut self) -> Result<()> {
        self.is_inside = false;
        let written = self.decoder.get_checksum_from_data();
        if written.is_some() && written != self.decoder.get_calculated_checksum() {
            return Err(Error::new(ErrorKind::InvalidData, "its checksum is another"));
        }
        Ok(())
    }
}

/// An error of the decoder, told apart from the end of the file where there was to be more.
fn said(error: FrameDecoderError) -> Error {
    let mut within: Option<&(dyn std::error::Error + 'static)> = Some(&error);
    while let Some(cause) = within {
        if cause.downcast_ref::<Error>().is_some_and(|e| e.kind() == ErrorKind::UnexpectedEof) {
            return ErrorKind::UnexpectedEof.into();
        }
        within = cause.source();
    }
    Error::other(error)
}

impl<R: BufRead> Read for Frames<R> {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize> {
        loop {
            self.enter()?;
            if !self.is_inside || buffer.is_empty() {
                return Ok(0);
            }
            while self.decoder.can_collect() == 0 && !self.decoder.is_finished() {
                let blocks = BlockDecodingStrategy::UptoBlocks(1);
                self.decoder.decode_blocks(&mut self.source, blocks).map_err(said)?;
            }
            let count = self.decoder.read(buffer)?;
            if count > 0 {
                return Ok(count);
            }
            self.leave()?;
        }
    }
}
