'use strict';
// Every script that V8 parses, with its source, told synchronously by an inspector on the same thread: eval, Function,
// vm, data: modules, `node -e`, workers, WebAssembly. The package can open and close inspectors of its own as it likes.
const { emit, parse, stringify, startsWith, endsWith, get, set, has } = watch;
const { Connection } = process.binding('inspector');
const LIMIT = { __proto__: null, scripts: 4000, text: 1 << 20, own: 8 << 20 };

const byHash = new watch.Map(); // V8's hash of the source -> our number of the script
const system = new watch.Map(); // scripts of Node itself, by their id
let count = 0;
let ownText = 0;
let ready = false;
let answer = null;

watch.scriptOf = (hash) => get(byHash, hash);

const session = new Connection((message) => {
  let told;
  try {
    told = parse(message);
    if (told.method === 'Debugger.scriptParsed') parsed(told.params);
    else if (told.id > 1) answer = told.result;
  } catch (error) {
    emit('fault', { __proto__: null, what: 'a script could not be read' });
  }
});

function source(id) {
  answer = null;
  session.dispatch(`{"id":2,"method":"Debugger.getScriptSource","params":{"scriptId":${stringify(id)}}}`);
  return answer;
}

// Only Node's own loader may call a script `node:...`; any other did it by a file name or a sourceURL.
function isSystem(script, frames) {
  return startsWith(script.url, 'node:') && !script.hasSourceURL && frames.internal === 'compileForInternalLoader';
}

const MADE = ['(function anonymous(', '(async function anonymous(', '(function* anonymous(',
  '(async function* anonymous('];

function originOf(script, text, frames) {
  if (script.scriptLanguage === 'WebAssembly') return 'wasm';
  for (let i = 0; i < MADE.length; i += 1) if (startsWith(text, MADE[i])) return 'Function';
  if (script.isModule) return startsWith(script.url, 'data:') ? 'data' : startsWith(script.url, 'file:') ? 'file' : 'module';
  if (frames.vm) return 'vm';
  if (script.url === '[worker eval]') return 'worker';
  if (frames.script === undefined && (script.url === '[eval]' || script.url === '[stdin]')) return 'command';
  if (frames.loader) return frames.extension ? 'file' : 'compile';
  return 'eval';
}

function parsed(script) {
  if (!ready) {
    set(system, script.hash, true);
    return;
  }
  if (has(byHash, script.hash) || has(system, script.hash)) return;
  const frames = watch.whence();
  if (isSystem(script, frames)) {
    set(system, script.hash, true);
    return;
  }
  if (frames.loader && frames.script === undefined && endsWith(script.url, ']-wrapper')) return; // of `node -e`
  count += 1;
  set(byHash, script.hash, count);
  if (count > LIMIT.scripts) {
    if (count === LIMIT.scripts + 1) emit('reach_limit', { __proto__: null, what: 'layers' });
    return;
  }
  report(script, frames);
}

function report(script, frames) {
  const given = source(script.scriptId);
  if (!given) return;
  const text = given.scriptSource || '';
  const origin = originOf(script, text, frames);
  const fields = {
    __proto__: null, id: count, parent: frames.script, origin, url: script.url, size: text.length, stack: frames.stack,
  };
  if (given.bytecode) fields.bytes = watch.slice(given.bytecode, 0, LIMIT.text);
  if (origin === 'file') ownText += text.length;
  if (origin !== 'file' || ownText <= LIMIT.own) fields.text = watch.slice(text, 0, LIMIT.text);
  emit('run_code', fields);
}

watch.start = () => {
  session.dispatch('{"id":1,"method":"Debugger.enable"}');
  ready = true;
};
