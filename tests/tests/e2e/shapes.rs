//! The other shapes of an answer say the same: beside the window before, and as CSV.

use serde_json::Value;
use tests::{
    System,
    stream::{self, Space},
};

const ENDPOINTS: [&str; 5] = ["adoption", "versions", "active-devices", "failures", "performance"];

/// Two weeks of a stream, of which the second is asked about.
async fn system(name: &str) -> System {
    let system = System::start(name).await;
    let days =
        (1..14).map(|day| format!("2026-11-{day:02}T13:37:00Z").parse::<jiff::Timestamp>().unwrap().as_millisecond());
    let space = Space { tenants: ["a".to_owned(), "b".to_owned()], instants: days.collect() };
    for request in stream::sample(&space, 500).chunks(100) {
        system.send_stream(request).await;
    }
    system.settle().await;
    system
}

#[tokio::test(flavor = "multi_thread")]
async fn previous_is_the_answer_for_the_window_before() {
    let system = system("previous").await;
    for endpoint in ENDPOINTS {
        let ask = async |window: &str| {
            system.get(&format!("/analytics/{endpoint}?tenant_id=a&{window}")).await["data"].clone()
        };
        let both = ask("from=2026-11-08T00:00:00Z&to=2026-11-15T00:00:00Z&compare=previous").await;
        let before = ask("from=2026-11-01T00:00:00Z&to=2026-11-08T00:00:00Z").await;
        let previous = both["previous"].as_object().unwrap();
        assert!(!previous.is_empty(), "{endpoint}");
        for (name, value) in previous {
            assert_eq!(value, &before[name], "{endpoint}: {name}");
        }
        let totals = before.as_object().unwrap().iter().filter(|(_, value)| !value.is_array());
        assert_eq!(previous.len(), totals.count(), "{endpoint}: all the totals");
    }
    system.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn csv_has_the_main_lists_rows() {
    let system = system("csv").await;
    let lists = [
        ("adoption", "", "trend"),
        ("versions", "", "versions"),
        ("versions", "&segment=device_os", "segments"),
        ("active-devices", "", "daily_breakdown"),
        ("failures", "&group_by=error_code,device_os", "failures"),
        ("performance", "", "trend"),
        ("performance", "&group_by=device_model", "groups"),
    ];
    for (endpoint, parameters, list) in lists {
        let path =
            format!("/analytics/{endpoint}?tenant_id=a&from=2026-11-01T00:00:00Z&to=2026-11-15T00:00:00Z{parameters}");
        let json = system.get(&path).await;
        let (media_type, csv) = system.get_csv(&path).await;
        assert!(media_type.starts_with("text/csv"), "{media_type}");
        let rows = json["data"][list].as_array().unwrap();
        let lines: Vec<&str> = csv.lines().collect();
        if list != "segments" {
            assert_eq!(lines.len(), rows.len() + 1, "{endpoint}{parameters}\n{csv}");
        }
        // Each plain number of the first row stands in the first line under its own name.
        let header: Vec<&str> = lines[0].split(',').collect();
        let first: Vec<&str> = lines[1].split(',').collect();
        for (name, value) in rows[0].as_object().unwrap().iter().filter(|(_, value)| value.is_u64()) {
            if list == "segments" {
                continue;
            }
            let column =
                header.iter().position(|column| column == name).unwrap_or_else(|| panic!("no {name}: {header:?}"));
            assert_eq!(&Value::from(first[column].parse::<u64>().unwrap()), value, "{endpoint}{parameters}: {name}");
        }
    }
    system.stop().await;
}
