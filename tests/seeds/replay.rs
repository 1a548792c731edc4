//! Both tests: that everything holds, and that the wiring is right.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use deskline_e2e::fuzz::TARGETS;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz")
}

fn names(folder: &Path) -> BTreeSet<String> {
    let entries = fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    entries.map(|entry| entry.unwrap().path().file_stem().unwrap().to_str().unwrap().to_owned()).collect()
}

#[test]
fn everything_holds_for_every_seed() {
    for (name, holds) in TARGETS {
        let seeds: Vec<_> = fs::read_dir(folder().join("seeds").join(name)).unwrap().collect();
        assert!(seeds.len() >= 3, "{name} has next to nothing to start from");
        for seed in seeds {
            let path = seed.unwrap().path();
            let input = fs::read(&path).unwrap();
            // Every beginning of a seed is an input too, and a fuzzer's first thought.
            for length in (0..input.len()).step_by(1 + input.len() / 64).chain([input.len()]) {
                let outcome = std::panic::catch_unwind(|| holds(&input[..length]));
                assert!(
                    outcome.is_ok(),
                    "the first {length} bytes of {} break what the panic above says",
                    path.display()
                );
            }
        }
    }
}

#[test]
fn every_target_is_wired_to_what_it_is_called_after() {
    let manifest = fs::read_to_string(folder().join("Cargo.toml")).unwrap();
    let library = fs::read_to_string(folder().join("src/lib.rs")).unwrap();
    let expected: BTreeSet<String> = TARGETS.iter().map(|(name, _)| (*name).to_owned()).collect();

    assert_eq!(names(&folder().join("fuzz_targets")), expected);
    assert_eq!(names(&folder().join("seeds")), expected);
    for name in expected {
        let target = fs::read_to_string(folder().join(format!("fuzz_targets/{name}.rs"))).unwrap();
        assert!(
            target.contains(&format!("fuzz_target!(|input: &[u8]| deskline_fuzz::{name}::holds(input));")),
            "{target}"
        );
        assert!(library.contains(&format!("#[path = \"../../src/fuzz/{name}.rs\"]\npub mod {name};")), "{library}");
        assert!(manifest.contains(&format!("name = \"{name}\"\npath = \"fuzz_targets/{name}.rs\"")), "{manifest}");
    }
}
