//! Random cases: their seeds, printed so that a run can be repeated.

/// The seed of the run that is to be repeated.
pub(crate) fn given_seed() -> Option<u64> {
    std::env::var("CHANTIER_SEED").ok().and_then(|seed| seed.parse().ok())
}

/// The first seed of random cases, another one in each run, so that runs find what earlier ones did not. Where `CI` is set it is the
/// same each time: what fails there comes from the change. CHANTIER_FIRST_SEED repeats a run.
pub(crate) fn first_seed() -> u64 {
    let given = std::env::var("CHANTIER_FIRST_SEED").ok();
    let by_ci = || std::env::var_os("CI").map(|_| 20_261_126);
    given
        .and_then(|seed| seed.parse().ok())
        .or_else(by_ci)
        .unwrap_or_else(|| fastrand::u64(..1_000_000_000))
}

/// How many random cases are tried: where `CI` is set a third, so that a whole run of every test stays short.
pub(crate) fn n_cases(n: u64) -> u64 {
    if given_seed().is_some() {
        1
    } else if std::env::var_os("CI").is_some() {
        n.div_ceil(3)
    } else {
        n
    }
}

/// Runs the random cases of a test. The seed is printed, and may be given as CHANTIER_SEED.
pub(crate) fn cases(n: u64, mut case: impl FnMut(&mut fastrand::Rng)) {
    let first: u64 = given_seed().unwrap_or_else(first_seed);
    for seed in first..first + n_cases(n) {
        println!("seed {seed}: repeat with CHANTIER_SEED={seed}");
        case(&mut fastrand::Rng::with_seed(seed));
    }
}
