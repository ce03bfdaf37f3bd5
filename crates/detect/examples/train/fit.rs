//! A logistic regression with ridge penalty, by Newton's method. No randomness, one thread: same pairs, same weights.

use detect::judge::{FEATURES, GROUPS};

/// One pair as the model sees it.
pub struct Sample {
    pub features: [i16; FEATURES],
    pub group: usize,
    pub positive: bool,
    pub weight: f64,
}

/// The weights, common and of each kind of name, in 1/1024.
pub struct Weights {
    pub common: [i16; FEATURES],
    pub of_group: [[i16; FEATURES]; GROUPS],
}

/// Penalties on the squares of the common weights and of those of a kind of name: the latter are to say only what the
/// former cannot.
const COMMON_PENALTY: f64 = 1.0;
const GROUP_PENALTY: f64 = 4.0;
const STEPS: usize = 25;
const SIZE: usize = FEATURES * (1 + GROUPS);
/// Features are in 64ths.
const ONE: f64 = 64.0;
const SCALE: f64 = 1024.0;

/// The numbers of a sample that are not zero, with their places among all weights.
fn entries(sample: &Sample) -> Vec<(usize, f64)> {
    let present = sample.features.iter().enumerate().filter(|(_, amount)| **amount != 0);
    let common: Vec<(usize, f64)> = present.map(|(at, amount)| (at, f64::from(*amount) / ONE)).collect();
    let shift = FEATURES * (1 + sample.group);
    let own = common.iter().map(|(at, amount)| (at + shift, *amount)).collect::<Vec<_>>();
    [common, own].concat()
}

/// The weights under which the samples are most likely, less the penalties.
pub fn fit(samples: &[Sample]) -> Weights {
    let rows: Vec<Vec<(usize, f64)>> = samples.iter().map(entries).collect();
    let mut weights = vec![0.0; SIZE];
    for _ in 0..STEPS {
        let (mut gradient, mut hessian) = (vec![0.0; SIZE], vec![0.0; SIZE * SIZE]);
        for at in 0..SIZE {
            let penalty = if at < FEATURES { COMMON_PENALTY } else { GROUP_PENALTY };
            // The first weight stands for the share of positives; nothing pulls it to zero.
            let penalty = if at == 0 { 1e-6 } else { penalty };
            gradient[at] = penalty * weights[at];
            hessian[at * SIZE + at] = penalty;
        }
        for (row, sample) in rows.iter().zip(samples) {
            let odds: f64 = row.iter().map(|(at, amount)| weights[*at] * amount).sum();
            let chance = 1.0 / (1.0 + (-odds).exp());
            let error = sample.weight * (chance - f64::from(u8::from(sample.positive)));
            let curve = sample.weight * chance * (1.0 - chance);
            for (i, (at, amount)) in row.iter().enumerate() {
                gradient[*at] += error * amount;
                for (other, by) in &row[..=i] {
                    hessian[at * SIZE + other] += curve * amount * by;
                }
            }
        }
        let step = solved(hessian, gradient);
        weights.iter_mut().zip(&step).for_each(|(weight, step)| *weight -= step);
        if step.iter().all(|step| step.abs() < 1e-7) {
            break;
        }
    }
    let whole = |weight: &f64| (weight * SCALE).round().clamp(f64::from(i16::MIN), f64::from(i16::MAX)) as i16;
    let part = |from: usize| std::array::from_fn(|at| whole(&weights[from + at]));
    Weights { common: part(0), of_group: std::array::from_fn(|group| part(FEATURES * (1 + group))) }
}

/// `x` of `matrix * x = right`, the matrix symmetric, positive and given by its lower half (Cholesky).
fn solved(mut matrix: Vec<f64>, mut right: Vec<f64>) -> Vec<f64> {
    let n = right.len();
    for row in 0..n {
        let (above, here) = matrix.split_at_mut(row * n);
        for column in 0..row {
            let other = &above[column * n..column * n + column];
            let sum: f64 = other.iter().zip(&here[..column]).map(|(a, b)| a * b).sum();
            here[column] = (here[column] - sum) / above[column * n + column];
        }
        let sum: f64 = here[..row].iter().map(|a| a * a).sum();
        here[row] = (here[row] - sum).sqrt();
    }
    for row in 0..n {
        let sum: f64 = (0..row).map(|column| matrix[row * n + column] * right[column]).sum();
        right[row] = (right[row] - sum) / matrix[row * n + row];
    }
    for row in (0..n).rev() {
        let sum: f64 = (row + 1..n).map(|below| matrix[below * n + row] * right[below]).sum();
        right[row] = (right[row] - sum) / matrix[row * n + row];
    }
    right
}

impl Weights {
    /// The natural logarithm of the odds.
    pub fn odds(&self, sample: &Sample) -> f64 {
        let own = &self.of_group[sample.group];
        let sum = |at: usize| i64::from(sample.features[at]) * (i64::from(self.common[at]) + i64::from(own[at]));
        (0..FEATURES).map(sum).sum::<i64>() as f64 / (ONE * SCALE)
    }
}
