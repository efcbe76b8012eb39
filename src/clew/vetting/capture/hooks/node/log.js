'use strict';
// The log: one file for each thread of each process, one record a line, numbered from 0 without a gap.
// The package can write into it or remove it; whoever reads it looks for gaps and trusts nothing.
const fs = require('fs');
const { threadId } = require('worker_threads');
const { openSync, writeSync, fstatSync } = fs;
const { settings, stringify, isArray, slice, now, get, set } = watch;
const separator = settings.indexOf(':');
watch.platform = settings.slice(0, separator);
watch.folder = settings.slice(separator + 1);

const LIMIT = { __proto__: null, records: 20_000, each: 6000, bytes: 48 << 20, field: 1 << 16, text: 2 << 20 };
const name = `${watch.folder}/node-${process.pid}-${threadId}-${now()}.jsonl`;
// Whoever takes these three away from Node takes the log away.
const binding = process.binding('fs');
for (const name of ['open', 'fstat', 'writeString']) {
  watch.define(binding, name, { __proto__: null, value: binding[name], writable: false, configurable: false });
}

let descriptor = openSync(name, 'a', 0o600);
let inode = fstatSync(descriptor).ino;
let number = 0;
let written = 0;
let lost = 0;
let busy = false;
let full = false;
const kinds = new watch.Map();

function json(value, limit) {
  if (typeof value === 'string') return stringify(value.length > limit ? slice(value, 0, limit) : value);
  if (typeof value === 'number') return value === value && value < 1e300 && value > -1e300 ? `${value}` : 'null';
  if (typeof value === 'boolean') return value ? 'true' : 'false';
  if (!isArray(value)) return 'null';
  let text = '[';
  for (let i = 0; i < value.length && i < 256; i += 1) text += (i ? ',' : '') + json(value[i], limit);
  return `${text}]`;
}

// Another file may stand under our number by now: the package can close what it did not open.
function stand() {
  try {
    if (fstatSync(descriptor).ino === inode) return;
  } catch { /* closed */ }
  descriptor = openSync(name, 'a', 0o600);
  inode = fstatSync(descriptor).ino;
}

function write(call, fields) {
  let line = `{"n":${number},"t":${now()},"call":${stringify(call)}`;
  for (const key in fields) {
    if (fields[key] === undefined) continue;
    line += `,${stringify(key)}:${json(fields[key], key === 'text' || key === 'bytes' ? LIMIT.text : LIMIT.field)}`;
  }
  line += '}\n';
  stand();
  writeSync(descriptor, line);
  number += 1;
  written += line.length;
}

// A flood of one kind of call must not drown the others.
function drowns(call) {
  const told = (get(kinds, call) || 0) + 1;
  set(kinds, call, told);
  if (told === LIMIT.each + 1) write('reach_limit', { __proto__: null, what: call });
  return told > LIMIT.each;
}

watch.emit = (call, fields) => {
  if (busy || full) return true;
  busy = true;
  try {
    if (lost) {
      const what = `${lost} records could not be written`;
      lost = 0;
      write('fault', { __proto__: null, what });
    }
    if (drowns(call)) return true;
    write(call, fields);
    if (number >= LIMIT.records || written >= LIMIT.bytes) {
      write('reach_limit', { __proto__: null, what: number >= LIMIT.records ? 'records' : 'output' });
      full = true;
    }
    return true;
  } catch {
    lost += 1;
    return false;
  } finally {
    busy = false;
  }
};

watch.emit('start', {
  __proto__: null, witness: 'node', pid: process.pid, parent_pid: process.ppid, thread: threadId,
  executable: process.execPath, arguments: process.argv, options: process.execArgv, directory: process.cwd(),
  version: process.version,
});
