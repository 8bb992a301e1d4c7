//! Differences of pictures: what is said of both sides, what is decoded, and what is refused.

use super::fixture::{Fixture, path};
use super::page_branching::Front;
use crate::support::cli::Home;
use chantier::base::diff::{DiffContent, DiffFile, DiffLook, DiffOf};
use chantier::base::picture::{PictureFacts, Pictures};
use egui_kittest::kittest::Queryable;
use image::{DynamicImage, ImageFormat, Rgba, RgbaImage};
use std::io::Cursor;

fn picture(width: u32, height: u32, format: ImageFormat, red: u8) -> Vec<u8> {
    let image = DynamicImage::from(RgbaImage::from_pixel(width, height, Rgba([red, 20, 30, 255])));
    let image = if format == ImageFormat::Jpeg {
        DynamicImage::from(image.to_rgb8())
    } else {
        image
    };
    let mut bytes = Cursor::new(Vec::new());
    image.write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

/// A PNG whose header claims another size.
fn claiming(width: u32, height: u32) -> Vec<u8> {
    let mut bytes = picture(1, 1, ImageFormat::Png, 9);
    bytes[16..20].copy_from_slice(&width.to_be_bytes());
    bytes[20..24].copy_from_slice(&height.to_be_bytes());
    let mut crc = flate2::Crc::new();
    crc.update(&bytes[12..29]);
    bytes[29..33].copy_from_slice(&crc.sum().to_be_bytes());
    bytes
}

fn diff(fixture: &Fixture, of: &DiffOf, name: &str) -> DiffFile {
    fixture
        .git
        .diff(&fixture.root, of, &path(name), None, DiffLook::default(), false)
        .unwrap()
}

fn sides(file: &DiffFile) -> (Option<PictureFacts>, Option<PictureFacts>) {
    match &file.content {
        DiffContent::Picture { old, new } => (old.clone(), new.clone()),
        content => panic!("{content:?}"),
    }
}

fn pictures(fixture: &Fixture, of: &DiffOf, name: &str) -> Pictures {
    fixture.git.pictures(&fixture.root, of, &path(name), None, &|| false).unwrap()
}

#[test]
fn every_format_says_its_dimensions_and_is_decoded() {
    let fixture = Fixture::new();
    let formats = [
        ("a.png", ImageFormat::Png, "png"),
        ("b.JPG", ImageFormat::Jpeg, "jpeg"),
        ("c.gif", ImageFormat::Gif, "gif"),
        ("d.webp", ImageFormat::WebP, "webp"),
        ("e.bmp", ImageFormat::Bmp, "bmp"),
    ];
    for (name, format, _) in formats {
        fixture.write(name, picture(3, 2, format, 200));
    }
    let one = fixture.commit_all("one");
    for (name, format, _) in formats {
        fixture.write(name, picture(1500, 4, format, 90));
    }
    for (name, _, word) in formats {
        for of in [DiffOf::Unstaged, DiffOf::Both] {
            let (old, new) = sides(&diff(&fixture, &of, name));
            let (old, new) = (old.unwrap(), new.unwrap());
            assert_eq!((old.format.as_str(), old.width, old.height), (word, 3, 2));
            assert_eq!((new.width, new.height, &new.refused), (1500, 4, &None));
            assert_eq!(new.bytes, fixture.read(name).len() as u64);
        }
        let shown = pictures(&fixture, &DiffOf::Both, name);
        let (old, new) = (shown.old.unwrap().pixels.unwrap(), shown.new.unwrap().pixels.unwrap());
        assert_eq!((old.width, old.height, old.rgba.len()), (3, 2, 24));
        // Made small enough for the screen.
        assert!(new.width == 1024 && new.rgba.len() == 4 * (new.width * new.height) as usize);
        assert!(
            old.rgba[0].abs_diff(200) < 8 && new.rgba[0].abs_diff(90) < 8,
            "{name} {:?}",
            &old.rgba[..4]
        );
    }
    // The first one of all has nothing before it.
    let first = diff(&fixture, &DiffOf::Commit { oid: one.clone() }, "a.png");
    assert!(matches!(sides(&first), (None, Some(_))));
    let shown = pictures(&fixture, &DiffOf::Commit { oid: one }, "a.png");
    assert!(shown.old.is_none() && shown.new.unwrap().pixels.is_some());
}

#[test]
fn what_claims_to_be_enormous_or_is_none_is_refused_with_a_line() {
    let fixture = Fixture::new();
    for name in ["bomb.png", "wide.gif", "no.png", "cut.png", "text.jpg"] {
        fixture.write(name, picture(2, 2, ImageFormat::Png, 1));
    }
    fixture.commit_all("one");
    fixture.write("bomb.png", claiming(30_000, 30_000));
    let mut gif = picture(2, 2, ImageFormat::Gif, 1);
    gif[6..10].copy_from_slice(&[0xff; 4]);
    fixture.write("wide.gif", gif);
    fixture.write("no.png", b"\0\x01\x02 not a picture");
    let whole = picture(600, 600, ImageFormat::Png, 77);
    fixture.write("cut.png", &whole[..60]);
    fixture.write("text.jpg", "only text\n");
    let refused = |name: &str| {
        let facts = sides(&diff(&fixture, &DiffOf::Unstaged, name)).1.unwrap();
        let shown = pictures(&fixture, &DiffOf::Unstaged, name).new.unwrap();
        assert!(shown.pixels.is_none(), "{name}");
        let why = shown.facts.refused.unwrap().key.into_owned();
        assert!(facts.refused.is_none_or(|early| early.key == why), "{name}");
        why
    };
    assert_eq!(refused("bomb.png"), "git-picture-too-large");
    assert_eq!(refused("wide.gif"), "git-picture-too-large");
    assert_eq!(refused("no.png"), "git-picture-unreadable");
    assert_eq!(refused("cut.png"), "git-picture-unreadable");
    // A text under a picture's name is compared as what it is.
    let text = diff(&fixture, &DiffOf::Unstaged, "text.jpg");
    assert!(!matches!(text.content, DiffContent::Text { .. }) || !text.hunks().is_empty());
    // A link to a picture elsewhere is a link.
    std::fs::remove_file(fixture.path("no.png")).unwrap();
    std::os::unix::fs::symlink("/etc/passwd", fixture.path("no.png")).unwrap();
    let link = diff(&fixture, &DiffOf::Unstaged, "no.png");
    if let DiffContent::Picture { new, .. } = link.content {
        assert_eq!(new, None);
    }
}

#[test]
fn the_command_line_says_dimensions_and_sizes() {
    let home = Home::new();
    let dir = home.sample();
    std::fs::write(dir.join("logo.png"), picture(16, 8, ImageFormat::Png, 1)).unwrap();
    home.call_in(&dir, &["code", "stage", "logo.png"]).ok();
    home.call_in(&dir, &["code", "commit", "-m", "a logo"]).ok();
    std::fs::write(dir.join("logo.png"), picture(32, 8, ImageFormat::Png, 1)).unwrap();
    let words = home.call_in(&dir, &["code", "diff", "logo.png"]).ok().out;
    assert!(words.contains("-png 16 × 8, ") && words.contains("+png 32 × 8, "), "{words}");
    let json = home.call_in(&dir, &["code", "diff", "logo.png", "--json"]).ok().json();
    let content = &json["result"]["files"][0]["content"];
    assert_eq!(
        (&content["content"], &content["new"]["width"]),
        (&"picture".into(), &32.into())
    );
}

#[test]
fn both_sides_of_a_picture_are_seen_and_wiped() {
    let fixture = Fixture::new();
    fixture.write("logo.png", picture(40, 30, ImageFormat::Png, 200));
    fixture.write("drawing.svg", "<svg>\n<a/>\n</svg>\n");
    fixture.commit_all("one");
    fixture.write("logo.png", picture(40, 30, ImageFormat::Png, 20));
    fixture.write("drawing.svg", "<svg>\n<b/>\n</svg>\n");
    let mut front = Front::open(fixture);
    front.go("changes");
    front.click("logo.png");
    let caption = |front: &Front| front.harness.query_all_by_label_contains("png 40 × 30").next().is_some();
    assert!(caption(&front));
    front.click("Swipe");
    front.click("Onion skin");
    assert!(caption(&front));
    front.click("drawing.svg");
    assert!(front.harness.query_by_label_contains("SVG").is_some());
    // Who wrote a changed file is one click away.
    front
        .harness
        .get_all_by_label("drawing.svg")
        .next()
        .unwrap()
        .click_secondary();
    crate::support::window::settle(&mut front.harness);
    front.click("Blame");
    assert!(front.harness.query_all_by_label_contains("Ada Lovelace").next().is_some());
}
