-- Successful updates, what the failed ones are a share of.
SELECT count() AS successful_updates
FROM selected
WHERE successful AND installed_ms >= {from:Int64} AND installed_ms < {to:Int64}
