/// `what` with the places that it is true of, at most five of them named; nothing if there are none.
pub(crate) fn listed(what: &str, places: &[String]) -> Option<String> {
    const NAMED: usize = 5;
    let named = places.iter().take(NAMED).cloned().collect::<Vec<_>>().join(", ");
    match places.len() {
        0 => None,
        n if n <= NAMED => Some(format!("{named}: {what}")),
        n => Some(format!("{named} and {} more: {what}", n - NAMED)),
    }
}
