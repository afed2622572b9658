CREATE TABLE IF NOT EXISTS ${table} ${on_cluster} AS ${table}_local
ENGINE = Distributed('${cluster}', currentDatabase(), ${table}_local, ${sharding_key});
