'use strict';
// Who calls: the scripts on the stack, told apart by V8's hash of their source, since any script can give itself
// any name.
const { uncurry, startsWith, push, define, described, scriptOf } = watch;
const { captureStackTrace } = Error;
const RealError = Error;
const sites = (_, frames) => frames;
const EXTENSIONS = ['Module._extensions', 'Object..', '.']; // what a loader of files is called, by version of Node
const DEPTH = 40;
const OPEN = { __proto__: null, configurable: true, writable: true, enumerable: true };
const OURS = 'node:internal/util/watch/';

function take() {
  const holder = { __proto__: null };
  const was = described(RealError, 'prepareStackTrace');
  const limit = described(RealError, 'stackTraceLimit');
  try {
    define(RealError, 'prepareStackTrace', { __proto__: null, value: sites, ...OPEN });
    define(RealError, 'stackTraceLimit', { __proto__: null, value: DEPTH, ...OPEN });
    captureStackTrace(holder);
    return holder.stack;
  } finally {
    if (was) define(RealError, 'prepareStackTrace', was);
    else delete RealError.prepareStackTrace;
    if (limit) define(RealError, 'stackTraceLimit', limit);
  }
}

const Site = Object.getPrototypeOf(take()[0]);
const fileOf = uncurry(Site.getFileName);
const nameOf = uncurry(Site.getFunctionName);
const methodOf = uncurry(Site.getMethodName);
const lineOf = uncurry(Site.getLineNumber);
const columnOf = uncurry(Site.getColumnNumber);
// Node 18 has no hashes here: scripts go by their names, the latest of each.
const hashOf = Site.getScriptHash ? uncurry(Site.getScriptHash) : uncurry(Site.getScriptNameOrSourceURL);
watch.keyOf = Site.getScriptHash
  ? (script) => script.hash
  : (script) => (startsWith(script.url, 'file://') ? watch.slice(script.url, 7) : script.url);

// `script`: our number of the nearest script of the package; `place`: where in it; the flags: what of Node stands
// between it and us.
watch.whence = (parsing) => {
  const found = {
    __proto__: null, script: undefined, place: '', internal: '', vm: false, loader: false, extension: false, stack: [],
  };
  let frames;
  try {
    if (!parsing) watch.recover();
    frames = take();
  } catch {
    return found;
  }
  if (typeof frames !== 'object' || frames === null) return found;
  for (let i = 0; i < frames.length && found.stack.length < 8; i += 1) {
    const site = frames[i];
    const file = fileOf(site) || '';
    const name = nameOf(site) || '';
    const script = scriptOf(hashOf(site) || '');
    if (script !== undefined) {
      if (found.script === undefined) {
        found.script = script;
        found.place = `${script}:${lineOf(site)}:${columnOf(site)}`;
      }
      push(found.stack, `${name || '<anonymous>'} (${file || 'layer'}#${script}:${lineOf(site)})`);
    } else if (found.script === undefined && startsWith(file, 'node:') && !startsWith(file, OURS)) {
      pass(found, file, name || methodOf(site) || '');
    }
  }
  if (!parsing && found.script !== undefined) watch.reveal(found.script);
  return found;
};

function pass(found, file, name) {
  if (!found.internal) found.internal = name;
  if (file === 'node:vm' || file === 'node:internal/vm') found.vm = true;
  if (name === 'wrapSafe') found.loader = true;
  for (let i = 0; i < EXTENSIONS.length; i += 1) if (startsWith(name, EXTENSIONS[i])) found.extension = true;
}
