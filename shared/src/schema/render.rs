//! One set of files, two shapes: a single node, or a cluster's replicated local tables under distributed ones.

/// What the `${…}` of the files stand for.
pub(super) struct Target<'a> {
    pub cluster: Option<&'a str>,
    pub retention_days: u32,
}

impl Target<'_> {
    pub fn database(&self, name: &str) -> String {
        self.render(&format!("CREATE DATABASE IF NOT EXISTS `{name}` ${{on_cluster}}"))
    }

    pub fn render(&self, template: &str) -> String {
        template
            .replace("${local}", self.suffix())
            .replace("${on_cluster}", &self.on_cluster())
            .replace("${replicated}", if self.cluster.is_some() { "Replicated" } else { "" })
            .replace("${retention_days}", &self.retention_days.to_string())
    }

    pub fn distributed(&self, template: &str, table: &str, sharding_key: &str) -> String {
        self.render(template)
            .replace("${table}", table)
            .replace("${cluster}", self.cluster.unwrap_or_default())
            .replace("${sharding_key}", sharding_key)
    }

    /// The table that holds the rows of a node.
    pub fn local(&self, table: &str) -> String {
        format!("{table}{}", self.suffix())
    }

    /// As ClickHouse writes it back in a table's definition.
    pub fn time_to_live(&self, column: &str) -> String {
        format!("TTL toDateTime({column}) + toIntervalDay({})", self.retention_days)
    }

    pub fn modify_time_to_live(&self, table: &str, column: &str) -> String {
        let (local, on_cluster, ttl) = (self.local(table), self.on_cluster(), self.time_to_live(column));
        format!("ALTER TABLE {local} {on_cluster} MODIFY {ttl}")
    }

    fn suffix(&self) -> &'static str {
        if self.cluster.is_some() { "_local" } else { "" }
    }

    fn on_cluster(&self) -> String {
        self.cluster.map(|cluster| format!("ON CLUSTER `{cluster}`")).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::{DISTRIBUTED, MIGRATIONS, TABLES};

    /// All statements as they are sent.
    fn whole(target: &Target<'_>) -> String {
        let mut statements = vec![target.database("analytics")];
        statements.extend(MIGRATIONS.iter().map(|(_, template)| target.render(template)));
        if target.cluster.is_some() {
            statements.extend(TABLES.iter().map(|(table, key, _)| target.distributed(DISTRIBUTED, table, key)));
        }
        statements.join("\n\n")
    }

    #[test]
    fn nothing_is_left_to_fill_in() {
        for cluster in [None, Some("main")] {
            assert!(!whole(&Target { cluster, retention_days: 365 }).contains("${"));
        }
    }

    #[test]
    fn a_cluster_gets_replicated_tables_under_distributed_ones() {
        insta::assert_snapshot!(whole(&Target { cluster: Some("main"), retention_days: 365 }));
    }

    #[test]
    fn every_migration_is_numbered_and_can_be_applied_again() {
        for (index, (name, template)) in MIGRATIONS.iter().enumerate() {
            assert!(name.starts_with(&format!("{:04}_", index + 1)), "{name}");
            assert!(template.contains("IF NOT EXISTS"), "{name}");
        }
        let files = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/schema")).unwrap();
        let numbered = files.filter(|file| file.as_ref().unwrap().file_name().to_string_lossy().starts_with('0'));
        assert_eq!(numbered.count(), MIGRATIONS.len(), "a file that isn't in the list");
    }

    #[test]
    fn the_files_set_the_life_that_is_kept() {
        let target = Target { cluster: None, retention_days: 30 };
        let all = whole(&target);
        for (_, _, lifetime) in TABLES {
            if let Some(column) = lifetime {
                assert!(all.contains(&target.time_to_live(column)), "{column}");
            }
        }
    }
}
