'use strict';
// Ways to run code that hide its source: bytecode handed to vm, and WebAssembly from bytes.
const { emit, whence, construct, define, isView, text, bytes, apply, Proxy: RealProxy } = watch;
const vm = require('vm');
const LIMIT = 1 << 20;

function encoded(data) {
  const view = isView(data) ? bytes(data.buffer, data.byteOffset, data.byteLength) : bytes(data);
  return { __proto__: null, size: view.length, bytes: text(view, 'base64', 0, LIMIT) };
}

function cached(options, source) {
  if (!options || !options.cachedData) return;
  const from = whence();
  const data = encoded(options.cachedData);
  emit('run_code', {
    __proto__: null, origin: 'cachedData', url: watch.String(options.filename || ''), parent: from.script,
    stack: from.stack, size: data.size, bytes: data.bytes, text: watch.slice(watch.String(source), 0, LIMIT),
  });
}

const { Script } = vm;
const hooked = new RealProxy(Script, {
  __proto__: null,
  construct(target, given, asked) {
    cached(given[1], given[0]);
    return construct(target, given, asked === hooked ? target : asked);
  },
});
define(Script.prototype, 'constructor', { __proto__: null, value: hooked, configurable: true, writable: true });
vm.Script = hooked;

const { compileFunction } = vm;
vm.compileFunction = watch.stand(compileFunction, function (code, parameters, options) {
  cached(options, code);
  return apply(compileFunction, this, arguments);
});
