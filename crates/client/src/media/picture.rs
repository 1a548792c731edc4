//! Looks at pictures without trusting them: their size from the first bytes, and small copies of them in a format of ours.
//!
//! Whatever is shown was decoded and encoded again here, within limits, so that no decoder of the window ever meets the bytes of a
//! stranger. Works on bytes alone, and takes its time: called from threads that may block.

use std::io::Cursor;

use image::{
    DynamicImage, ImageDecoder, ImageFormat, ImageReader, Limits, codecs::jpeg::JpegEncoder, imageops::FilterType,
    metadata::Orientation,
};

/// No side of a picture that is decoded is longer, in pixels.
const LONGEST_SIDE: u32 = 16_384;
/// Decoding one may take so much memory, in bytes: 48 megapixels in colour, as telephones take them.
const MOST_MEMORY: u64 = 192 * 1024 * 1024;
/// Of the copies that are shown. High enough that letters on a photographed page can be read.
const QUALITY: u8 = 85;

/// A copy to be shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Copy {
    /// `image/jpeg`, or `image/png` where something is transparent.
    pub(crate) content_type: &'static str,
    pub(crate) bytes: Vec<u8>,
}

/// Types that can be shown.
const SHOWN: [&str; 5] = ["image/jpeg", "image/png", "image/gif", "image/webp", "image/bmp"];

/// Whether a file of this type can be shown as a picture.
pub(crate) fn is_picture(content_type: &str) -> bool {
    SHOWN.contains(&content_type)
}

/// Width and height in pixels, the way up that it is shown. `None` for what is no picture, or no whole one.
pub(crate) fn dimensions(content: &[u8]) -> Option<(u32, u32)> {
    let mut decoder = reader(content)?.into_decoder().ok()?;
    let (width, height) = decoder.dimensions();
    let lies = matches!(
        decoder.orientation().unwrap_or(Orientation::NoTransforms),
        Orientation::Rotate90 | Orientation::Rotate270 | Orientation::Rotate90FlipH | Orientation::Rotate270FlipH
    );
    let shown = if lies { (height, width) } else { (width, height) };
    (shown.0 > 0 && shown.1 > 0).then_some(shown)
}

/// A copy that fits into a square with sides of `box_side` pixels; never larger than the picture is. Of one that moves, its first frame.
/// `None` for what cannot be decoded within the limits.
pub(crate) fn fitting(content: &[u8], box_side: u32) -> Option<Copy> {
    let mut decoder = reader(content)?.into_decoder().ok()?;
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let mut picture = DynamicImage::from_decoder(decoder).ok()?;
    if picture.width().max(picture.height()) > box_side {
        // Much smaller ones look as good the quick way.
        let much = picture.width().max(picture.height()) > box_side.saturating_mul(4);
        picture = if much {
            picture.thumbnail(box_side, box_side)
        } else {
            picture.resize(box_side, box_side, FilterType::Triangle)
        };
    }
    picture.apply_orientation(orientation);
    encode(&picture)
}

fn reader(content: &[u8]) -> Option<ImageReader<Cursor<&[u8]>>> {
    let mut reader = ImageReader::new(Cursor::new(content)).with_guessed_format().ok()?;
    let mut limits = Limits::default();
    limits.max_image_width = Some(LONGEST_SIDE);
    limits.max_image_height = Some(LONGEST_SIDE);
    limits.max_alloc = Some(MOST_MEMORY);
    reader.limits(limits);
    Some(reader)
}

fn encode(picture: &DynamicImage) -> Option<Copy> {
    let mut bytes = Vec::new();
    if is_transparent(picture) {
        picture.to_rgba8().write_to(&mut Cursor::new(&mut bytes), ImageFormat::Png).ok()?;
        return Some(Copy { content_type: "image/png", bytes });
    }
    picture.to_rgb8().write_with_encoder(JpegEncoder::new_with_quality(&mut bytes, QUALITY)).ok()?;
    Some(Copy { content_type: "image/jpeg", bytes })
}

/// Many opaque pictures have a channel for it.
fn is_transparent(picture: &DynamicImage) -> bool {
    picture.color().has_alpha() && picture.to_rgba8().pixels().any(|pixel| pixel.0[3] != u8::MAX)
}

/// As a PNG file, of pixels in rows from the top, four bytes each: red, green, blue, alpha. `None` when they are not that many.
pub(crate) fn png(width: u32, height: u32, pixels: Vec<u8>) -> Option<Vec<u8>> {
    let picture = image::RgbaImage::from_raw(width, height, pixels)?;
    let mut bytes = Vec::new();
    let picture = DynamicImage::ImageRgba8(picture);
    if is_transparent(&picture) {
        picture.write_to(&mut Cursor::new(&mut bytes), ImageFormat::Png).ok()?;
    } else {
        picture.to_rgb8().write_to(&mut Cursor::new(&mut bytes), ImageFormat::Png).ok()?;
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use image::{Rgb, RgbImage, Rgba, RgbaImage};
    use rstest::rstest;

    use super::*;

    fn photo(width: u32, height: u32, format: ImageFormat) -> Vec<u8> {
        let picture = RgbImage::from_fn(width, height, |x, y| Rgb([(x % 251) as u8, (y % 241) as u8, 90]));
        let mut bytes = Vec::new();
        picture.write_to(&mut Cursor::new(&mut bytes), format).unwrap();
        bytes
    }

    /// A JPEG that a telephone took lying on its side: orientation 6, rotated by a quarter.
    fn lying(width: u32, height: u32) -> Vec<u8> {
        let exif =
            [b"Exif\0\0MM\0\x2a\0\0\0\x08".as_slice(), &[0, 1, 0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, 6, 0, 0, 0, 0, 0, 0]]
                .concat();
        let jpeg = photo(width, height, ImageFormat::Jpeg);
        let length = u16::try_from(exif.len() + 2).unwrap().to_be_bytes();
        [&jpeg[..2], &[0xff, 0xe1], &length, &exif, &jpeg[2..]].concat()
    }

    #[rstest]
    fn a_picture_of_each_kind_is_measured_and_fits_into_its_box(
        #[values(ImageFormat::Jpeg, ImageFormat::Png, ImageFormat::Gif, ImageFormat::WebP, ImageFormat::Bmp)]
        format: ImageFormat,
    ) {
        let picture = photo(300, 150, format);

        let copy = fitting(&picture, 100).unwrap();

        assert_eq!(dimensions(&picture), Some((300, 150)));
        assert_eq!((dimensions(&copy.bytes), copy.content_type), (Some((100, 50)), "image/jpeg"));
    }

    #[test]
    fn a_small_picture_is_not_made_larger_and_what_is_transparent_stays_so() {
        let mut logo = RgbaImage::from_pixel(20, 10, Rgba([200, 0, 0, 255]));
        logo.put_pixel(0, 0, Rgba([0, 0, 0, 0]));
        let mut bytes = Vec::new();
        logo.write_to(&mut Cursor::new(&mut bytes), ImageFormat::Png).unwrap();

        let copy = fitting(&bytes, 100).unwrap();

        assert_eq!((dimensions(&copy.bytes), copy.content_type), (Some((20, 10)), "image/png"));
    }

    #[test]
    fn a_photo_that_lies_on_its_side_is_measured_and_shown_upright() {
        let photo = lying(300, 150);

        assert_eq!(dimensions(&photo), Some((150, 300)));
        assert_eq!(dimensions(&fitting(&photo, 100).unwrap().bytes), Some((50, 100)));
    }

    #[test]
    fn a_small_file_that_claims_to_be_a_huge_picture_takes_no_memory() {
        let mut bomb = photo(8, 8, ImageFormat::Bmp);
        bomb[18..22].copy_from_slice(&60_000_u32.to_le_bytes());
        bomb[22..26].copy_from_slice(&60_000_u32.to_le_bytes());

        assert_eq!(fitting(&bomb, 100), None);
    }

    #[rstest]
    #[case(b"")]
    #[case(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR")]
    #[case(b"hello")]
    fn what_is_no_whole_picture_has_no_size_and_is_not_shown(#[case] content: &[u8]) {
        assert_eq!((dimensions(content), fitting(content, 100)), (None, None));
    }

    #[test]
    fn pixels_of_the_clipboard_become_a_png() {
        let file = png(3, 2, vec![255; 24]).unwrap();

        assert_eq!(dimensions(&file), Some((3, 2)));
        assert_eq!(png(3, 2, vec![0; 23]), None);
    }
}
