//! Lists in order, cut at a limit.

/// The name of the row that sums what was cut.
pub const OTHER: &str = "other";

/// Largest first, ties by name; the first `limit`, and the others put together.
pub fn limited<T>(
    mut groups: Vec<(String, T)>,
    limit: usize,
    size: impl Fn(&T) -> u64,
    add: impl Fn(&mut T, T),
) -> Vec<(String, T)> {
    groups.sort_by(|(left, a), (right, b)| size(b).cmp(&size(a)).then_with(|| left.cmp(right)));
    let rest = groups.split_off(limit.min(groups.len()));
    let other = rest.into_iter().map(|(_, group)| group).reduce(|mut sum, group| {
        add(&mut sum, group);
        sum
    });
    groups.extend(other.map(|other| (OTHER.to_owned(), other)));
    groups
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case(3, &[("b", 5), ("a", 2), ("c", 2)])]
    #[case(2, &[("b", 5), ("a", 2), ("other", 2)])]
    #[case(1, &[("b", 5), ("other", 4)])]
    fn what_is_cut_is_summed(#[case] limit: usize, #[case] expected: &[(&str, u64)]) {
        let groups = [("c", 2), ("b", 5), ("a", 2)].map(|(name, size)| (name.to_owned(), size)).to_vec();
        let rows = limited(groups, limit, |size| *size, |sum, size| *sum += size);
        let rows: Vec<(&str, u64)> = rows.iter().map(|(name, size)| (name.as_str(), *size)).collect();
        assert_eq!(rows, expected);
    }
}
