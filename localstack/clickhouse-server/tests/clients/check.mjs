// The official Node client against the server: `node check.mjs PORT DATABASE`, with the client's directory in
// OTA_CLIENT_NODE_MODULES.
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { Readable } from 'node:stream'

const require = createRequire(join(process.env.OTA_CLIENT_NODE_MODULES, 'anything.js'))
const { createClient } = require('@clickhouse/client')

const [port, database] = process.argv.slice(2)
const connect = (options = {}) =>
  createClient({ url: `http://127.0.0.1:${port}`, database, log: { level: 127 }, ...options })
const client = connect()
const rows = async (query, options = {}) =>
  (await client.query({ query, format: 'JSONEachRow', ...options })).json()

async function table(name, columns) {
  await client.command({ query: `DROP TABLE IF EXISTS ${name}` })
  await client.command({ query: `CREATE TABLE ${name} (${columns}) ENGINE = MergeTree ORDER BY tuple()` })
}

const checks = {
  async connection() {
    assert.deepEqual(await client.ping(), { success: true })
    assert.equal((await client.ping({ select: true })).success, true)
    assert.deepEqual(await rows('SELECT currentDatabase() AS d'), [{ d: database }])
  },

  async formats() {
    const query = 'SELECT number AS n, toString(number) AS s FROM system.numbers LIMIT 2'
    const json = await (await client.query({ query, format: 'JSON' })).json()
    assert.equal(json.rows, 2)
    assert.deepEqual(json.data, [{ n: 0, s: '0' }, { n: 1, s: '1' }].map((row) => ({ ...row, n: json.data[0].n === 0 ? row.n : `${row.n}` })))
    const compact = await (await client.query({ query, format: 'JSONCompactEachRowWithNames' })).json()
    assert.deepEqual(compact[0], ['n', 's'])
    const csv = await (await client.query({ query, format: 'CSVWithNames' })).text()
    assert.equal(csv, '"n","s"\n0,"0"\n1,"1"\n')
    assert.deepEqual(await rows('SELECT 1 AS a FROM numbers(0)'), [])
  },

  async inserts() {
    await table('node_insert', 'id UInt32, name String')
    const inserted = await client.insert({
      table: 'node_insert',
      values: [{ id: 1, name: 'a' }, { id: 2, name: 'b\n' }],
      format: 'JSONEachRow',
    })
    assert.equal(inserted.summary.written_rows, '2')
    await client.insert({ table: 'node_insert', values: [[3, 'c']], format: 'JSONCompactEachRow', columns: ['id', 'name'] })
    await client.insert({ table: 'node_insert', values: Readable.from(['4,d\n', '5,', 'e\n'], { objectMode: false }), format: 'CSV' })
    const many = async function* () {
      for (let id = 10; id < 20_010; id++) yield { id, name: `row ${id}` }
    }
    await client.insert({ table: 'node_insert', values: Readable.from(many()), format: 'JSONEachRow' })
    await client.command({ query: "INSERT INTO node_insert VALUES (6, 'f'), (7, 'g;')" })
    const [row] = await rows('SELECT count() AS c, max(id) AS m FROM node_insert')
    assert.deepEqual([Number(row.c), row.m], [20_007, 20_009])
  },

  async compression() {
    const compressed = connect({ compression: { request: true, response: true } })
    await table('node_compression', 'id UInt32')
    const values = Array.from({ length: 10_000 }, (_, id) => ({ id }))
    await compressed.insert({ table: 'node_compression', values, format: 'JSONEachRow' })
    const read = await compressed.query({ query: 'SELECT id FROM node_compression ORDER BY id', format: 'JSONEachRow' })
    assert.deepEqual(await read.json(), values)
    await compressed.close()
  },

  async streams() {
    const result = await client.query({ query: 'SELECT number FROM numbers(300000)', format: 'JSONCompactEachRow' })
    let count = 0
    for await (const block of result.stream()) count += block.length
    assert.equal(count, 300_000)
    // A stream that nobody reads to its end
    const abandoned = await client.query({ query: 'SELECT number FROM system.numbers', format: 'JSONEachRow' })
    abandoned.close()
    const executed = await client.exec({ query: 'SELECT 42 FORMAT TSV' })
    let text = ''
    for await (const chunk of executed.stream) text += chunk
    assert.equal(text, '42\n')
  },

  async parameters() {
    const query_params = { s: "it's\ta \\ test", n: 5, l: ['a', "b'c"], d: new Date('2026-01-02T03:04:05Z'), m: new Map([['k', 1]]) }
    const [row] = await rows('SELECT {s:String} AS s, {n:UInt8} AS n, {l:Array(String)} AS l, {d:DateTime} AS d, {m:Map(String, UInt8)} AS m', { query_params })
    assert.deepEqual([row.s, row.n, row.l, row.m], [query_params.s, 5, query_params.l, { k: 1 }])
  },

  async settings() {
    const question = "SELECT toString(getSetting('max_threads')) AS m"
    const before = await rows(question)
    assert.deepEqual(await rows(question, { clickhouse_settings: { max_threads: 7 } }), [{ m: '7' }])
    assert.deepEqual(await rows(question), before)
    await client.insert({ table: 'node_insert', values: [{ id: 1, name: 'x', more: 1 }], format: 'JSONEachRow',
      clickhouse_settings: { input_format_skip_unknown_fields: 1, async_insert: 1, wait_for_async_insert: 1 } })
    await client.command({ query: 'SELECT 1', clickhouse_settings: { wait_end_of_query: 1 } })
  },

  async sessions() {
    const session = connect({ session_id: randomUUID(), max_open_connections: 1 })
    await session.command({ query: 'CREATE TEMPORARY TABLE node_temporary (a UInt8)' })
    await session.insert({ table: 'node_temporary', values: [{ a: 1 }, { a: 2 }], format: 'JSONEachRow' })
    const sum = await session.query({ query: 'SELECT toUInt8(sum(a)) AS s FROM node_temporary', format: 'JSONEachRow' })
    assert.deepEqual(await sum.json(), [{ s: 3 }])
    await session.close()
    await assert.rejects(rows('SELECT * FROM node_temporary'), { code: '60' })
  },

  async query_ids() {
    const query_id = randomUUID()
    const result = await client.query({ query: 'SELECT 1', query_id })
    assert.equal(result.query_id, query_id)
    assert.equal(result.response_headers['x-clickhouse-query-id'], query_id)
    await result.text()
  },

  async kill() {
    const query_id = randomUUID()
    const endless = 'SELECT count() FROM system.numbers WHERE NOT ignore(sipHash64(number))'
    const killed = assert.rejects(client.query({ query: endless, query_id }), { code: '394' })
    const deadline = Date.now() + 10_000
    let text = ''
    while (text === '' && Date.now() < deadline) {
      const result = await client.query({ query: `KILL QUERY WHERE query_id = '${query_id}' SYNC`, format: 'JSONEachRow' })
      text = await result.text()
    }
    await killed
  },

  async abort() {
    const controller = new AbortController()
    const endless = 'SELECT count() AS node_abort FROM system.numbers WHERE NOT ignore(sipHash64(number))'
    const aborted = client.query({ query: endless, abort_signal: controller.signal })
    setTimeout(() => controller.abort(), 300)
    await assert.rejects(aborted)
    const deadline = Date.now() + 10_000
    const question = "SELECT query FROM system.processes WHERE position(query, concat('node_', 'abort')) > 0"
    while ((await rows(question)).length > 0) assert.ok(Date.now() < deadline, 'the aborted query still runs')
  },

  async errors() {
    await assert.rejects(rows('SELEC 1'), { code: '62' })
    await assert.rejects(rows('SELECT * FROM node_no_such_table'), { code: '60', type: 'UNKNOWN_TABLE' })
    await assert.rejects(client.insert({ table: 'node_insert', values: [{ id: 'x' }], format: 'JSONEachRow' }), { code: '27' })
    await assert.rejects(rows('SELECT throwIf(number = 5) FROM numbers(10)'), { code: '395' })
    const late = await client.query({ query: 'SELECT throwIf(number = 900000) FROM numbers(1000000)', format: 'JSONEachRow' })
    await assert.rejects(async () => {
      for await (const block of late.stream()) block.length
    }, 'an exception in the middle of data')
  },
}

for (const [name, check] of Object.entries(checks)) {
  await check()
  process.stdout.write(`ok ${name}\n`)
}
await client.close()
