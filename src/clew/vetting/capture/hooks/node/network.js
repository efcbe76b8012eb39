'use strict';
// Who is asked for and called, with what is said before it is encrypted.
const { emit, whence, apply, isBuffer, isView, text, bytes, slice, uncurry, String: textOf } = watch;
const http = require('http');
const net = require('net');
const dns = require('dns');
const dgram = require('dgram');
const BODY = 1 << 16;
const bodies = new WeakMap();
const seen = uncurry(WeakMap.prototype.get);
const keep = uncurry(WeakMap.prototype.set);

function wrap(owner, name, told) {
  const real = owner && owner[name];
  if (typeof real !== 'function') return;
  owner[name] = watch.stand(real, function () {
    try {
      told(arguments, this);
    } catch { /* strange arguments are for Node to refuse */ }
    return apply(real, this, arguments);
  });
}

function told(call, fields) {
  const from = whence();
  emit(call, { __proto__: null, layer: from.script, stack: from.stack, ...fields });
}

function textual(chunk) {
  if (typeof chunk === 'string') return chunk;
  if (isBuffer(chunk)) return text(chunk, 'utf8', 0, BODY);
  if (isView(chunk)) return text(bytes(chunk.buffer, chunk.byteOffset, chunk.byteLength), 'utf8', 0, BODY);
  return '';
}

function add(request, chunk) {
  const body = (seen(bodies, request) || '') + textual(chunk);
  keep(bodies, request, slice(body, 0, BODY));
}

const asked = new WeakMap();
function request(message) {
  if (seen(asked, message)) return;
  keep(asked, message, true);
  const host = textOf(message.getHeader('host') || message.host || '');
  told('request', {
    method: message.method, name: message.host || host, port: portOf(message, host), path: message.path,
    transport: message.protocol === 'https:' ? 'https' : 'http', body: seen(bodies, message) || undefined,
    user_agent: message.getHeader('user-agent') && textOf(message.getHeader('user-agent')),
  });
}

function portOf(message, host) {
  const port = +(host.split(':')[1]);
  return port || (message.protocol === 'https:' ? 443 : 80);
}

const { OutgoingMessage, ClientRequest } = http;
wrap(OutgoingMessage.prototype, 'write', (a, message) => { if (message instanceof ClientRequest) add(message, a[0]); });
wrap(OutgoingMessage.prototype, 'end', (a, message) => {
  if (!(message instanceof ClientRequest)) return;
  if (typeof a[0] !== 'function') add(message, a[0]);
  request(message);
});

wrap(globalThis, 'fetch', (a) => {
  const asking = a[0] && a[0].url ? a[0] : a[1] || {};
  const url = new URL(textOf(a[0] && a[0].url ? a[0].url : a[0]));
  const given = (a[1] && a[1].body) || undefined;
  told('request', {
    method: (a[1] && a[1].method) || asking.method || 'GET', name: url.hostname, path: url.pathname + url.search,
    port: +url.port || (url.protocol === 'https:' ? 443 : 80), transport: url.protocol === 'https:' ? 'https' : 'http',
    body: given === undefined ? undefined : slice(textual(given) || textOf(given), 0, BODY),
  });
});

wrap(net.Socket.prototype, 'connect', (a) => {
  const given = a[0] && a[0][0] && typeof a[0] === 'object' ? a[0][0] : a[0];
  const apart = !given || typeof given !== 'object';
  const options = apart ? { port: +a[0], host: typeof a[1] === 'string' ? a[1] : 'localhost' } : given;
  if (!options.port) return; // http leaves its own path beside the port
  const host = textOf(options.host || 'localhost');
  const fields = net.isIP(host) ? { address: host } : { name: host };
  told('connect', { ...fields, port: +options.port, transport: 'tcp' });
});

const NAMES = ['lookup', 'resolve', 'resolve4', 'resolve6', 'resolveAny', 'resolveCname', 'resolveMx', 'resolveNs',
  'resolveSrv', 'resolveTxt', 'resolveSoa', 'resolveNaptr', 'resolvePtr', 'resolveCaa'];
const resolved = (name) => (a) => {
  if (typeof a[0] !== 'string' || net.isIP(a[0])) return;
  let type = name === 'resolve' && typeof a[1] === 'string' ? a[1] : 'A';
  if (name === 'resolve6') type = 'AAAA';
  else if (name.length > 8) type = name.slice(7).toUpperCase();
  told('resolve', { name: a[0], type });
};
for (let i = 0; i < NAMES.length; i += 1) {
  wrap(dns, NAMES[i], resolved(NAMES[i]));
  wrap(dns.promises, NAMES[i], resolved(NAMES[i]));
  wrap(dns.Resolver.prototype, NAMES[i], resolved(NAMES[i]));
  wrap(dns.promises.Resolver.prototype, NAMES[i], resolved(NAMES[i]));
}

wrap(dgram.Socket.prototype, 'send', (a) => {
  const numbers = [];
  let address;
  for (let i = 1; i < a.length; i += 1) {
    if (typeof a[i] === 'number') numbers.push(a[i]);
    else if (typeof a[i] === 'string') address = a[i];
  }
  const port = numbers[numbers.length - 1];
  told('send', { address: address || '127.0.0.1', port, transport: 'udp', body: textual(a[0]) });
});
