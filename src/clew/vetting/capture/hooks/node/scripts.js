'use strict';
// Every script that V8 parses, with its source, told synchronously by an inspector on the same thread: eval, Function,
// vm, data: modules, `node -e`, workers, WebAssembly. The package can open and close inspectors of its own as it likes.
const { emit, parse, stringify, startsWith, endsWith, includes, get, set, has, remove } = watch;
const { Connection } = process.binding('inspector');
const natives = process.binding('natives');
const CARRIERS = ['internal/deps/undici/undici', 'internal/deps/cjs-module-lexer/dist/lexer',
  'internal/deps/amaro/dist/index'];
// What Node runs by itself when an ES module is required (lib/internal/modules/cjs/loader.js).
const FACADE = "export * from 'original'; export { default } from 'original'; export const __esModule = true;";
const LIMIT = { __proto__: null, scripts: 1000, untold: 50_000, text: 1 << 20, tail: 1 << 18, own: 8 << 20 };

const byHash = new watch.Map(); // V8's hash of the source -> our number of the script
const byKey = new watch.Map(); // the same, by what a stack tells of it
const system = new watch.Map(); // scripts of Node itself, by their hash
const untold = new watch.Map(); // past the limit: our number -> V8's id and what else is told
let count = 0;
let importer; // the latest script that imports: an import() is asynchronous, no stack leads back
let ownText = 0;
let ready = false;
let answer = null;

watch.scriptOf = (key) => get(byKey, key);

let missed = null; // messages for which there was no room on the stack: it is the package that fills it

const session = new Connection((message) => {
  if (!ready) return; // Node's own scripts, that were there before us
  try {
    if (missed !== null) watch.recover();
    hear(message);
  } catch {
    missed = { __proto__: null, message, next: missed };
  }
});

function hear(message) {
  const told = parse(message);
  if (told.method === 'Debugger.scriptParsed') parsed(told.params);
  else if (told.id > 1) answer = told.result;
}

watch.recover = () => {
  while (missed !== null) {
    const { message } = missed;
    missed = missed.next;
    hear(message);
  }
};

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

// Where nothing of the package is on the stack, only Node's own loader can have asked.
function loaded(script, frames) {
  if (frames.script !== undefined || script.hasSourceURL) return '';
  if (script.url === '[eval]' || script.url === '[stdin]' || endsWith(script.url, '/[eval1]')) return 'command';
  if (script.url === '[worker eval]') return 'worker';
  return startsWith(script.url, 'file:') ? 'file' : '';
}

function originOf(script, text, frames) {
  if (script.scriptLanguage === 'WebAssembly') return 'wasm';
  for (let i = 0; i < MADE.length; i += 1) if (startsWith(text, MADE[i])) return 'Function';
  const origin = loaded(script, frames);
  if (origin) return origin;
  if (frames.vm && !frames.loader) return 'vm';
  if (script.isModule && startsWith(script.url, 'data:')) return 'data';
  if (script.isModule) return startsWith(script.url, 'file:') ? 'file' : 'module';
  if (script.hasSourceURL || !script.embedderName) return 'eval';
  if (frames.loader) return frames.extension ? 'file' : 'compile';
  return 'eval';
}

function parsed(script) {
  if (has(byHash, script.hash) || has(system, script.hash)) return;
  const frames = watch.whence(true);
  if (isSystem(script, frames)) {
    set(system, script.hash, true);
    return;
  }
  if (frames.loader && frames.script === undefined && endsWith(script.url, ']-wrapper')) return; // of `node -e`
  const number = count + 1;
  if (number <= LIMIT.scripts) {
    report(script, frames, number);
  } else {
    if (number === LIMIT.scripts + 1) emit('reach_limit', { __proto__: null, what: 'layers' });
    if (number < LIMIT.untold) set(untold, number, { __proto__: null, script, frames });
  }
  count = number; // now that nothing failed
  set(byHash, script.hash, number);
  set(byKey, watch.keyOf(script), number);
}

// Whoever floods us hides nothing: a script past the limit is told when it does something.
watch.reveal = (number) => {
  const waiting = get(untold, number);
  if (waiting === undefined) return;
  remove(untold, number);
  if (waiting.frames.script !== undefined) watch.reveal(waiting.frames.script);
  report(waiting.script, waiting.frames, number);
};

// What is said first and last, where there is too much in between.
function cut(text) {
  if (text.length <= LIMIT.text) return text;
  return `${watch.slice(text, 0, LIMIT.text - LIMIT.tail)}\n${watch.slice(text, text.length - LIMIT.tail)}`;
}

// Node carries some WebAssembly of its own, in Base64.
function isOwnModule(bytecode) {
  for (let i = 0; i < CARRIERS.length; i += 1) if (includes(natives[CARRIERS[i]] || '', bytecode)) return true;
  return false;
}

function report(script, frames, number) {
  const given = source(script.scriptId);
  if (!given) throw missed;
  if (given.bytecode && isOwnModule(given.bytecode)) return;
  const text = given.scriptSource || '';
  if (text === FACADE) return;
  const origin = originOf(script, text, frames);
  const fields = {
    __proto__: null, id: number, parent: frames.script, origin, url: script.url, size: text.length, stack: frames.stack,
  };
  if (fields.parent === undefined && script.isModule && origin !== 'file') fields.parent = importer;
  if (includes(text, 'import')) importer = number;
  if (given.bytecode) fields.bytes = watch.slice(given.bytecode, 0, LIMIT.text);
  if (origin === 'file') ownText += text.length;
  if (origin !== 'file' || ownText <= LIMIT.own) fields.text = cut(text);
  if (!emit('run_code', fields)) throw missed;
}

watch.start = () => {
  session.dispatch('{"id":1,"method":"Debugger.enable"}');
  ready = true;
};
