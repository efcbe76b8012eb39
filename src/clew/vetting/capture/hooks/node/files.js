'use strict';
// What is done to files through Node's own interface, and by which script; strace sees the rest and all of this again.
const { emit, whence, apply, isBuffer, text, String: textOf, includes, startsWith } = watch;
const fs = require('fs');
const { fileURLToPath } = require('url');
const SECRETS = ['/.npmrc', '/.ssh/', '/.aws/', '/.netrc', '/.git-credentials', '/.gitconfig', '/.docker/config.json',
  '/.kube/', '/.config/gcloud', '/.pypirc', '/.env', '/.bash_history', '/.zsh_history', '/etc/passwd', '/etc/shadow',
  '/.gnupg', '/.mozilla/', '/google-chrome/', '/BraveSoftware/', '/.electrum', '/.bitcoin', '/Exodus', '/wallet',
  '/.config/solana', '/proc/self/environ', '/Library/Keychains'];
const WRITERS = /[wa+]/;
const { test } = RegExp.prototype;

function pathOf(given) {
  if (typeof given === 'string') return given;
  if (isBuffer(given)) return text(given);
  try {
    return given && given.href ? fileURLToPath(given) : undefined;
  } catch {
    return undefined;
  }
}

function isSecret(path) {
  for (let i = 0; i < SECRETS.length; i += 1) if (includes(path, SECRETS[i])) return true;
  return false;
}

function tell(call, given, fields) {
  const path = pathOf(given);
  if (path === undefined || startsWith(path, watch.folder)) return;
  if (call === 'read' && !isSecret(path)) return;
  const from = whence();
  if (from.script === undefined) return;
  emit(call, { __proto__: null, path, layer: from.script, stack: from.stack, ...fields });
}

function octal(mode) {
  if (typeof mode === 'number') return `0${mode.toString(8)}`;
  return typeof mode === 'string' ? mode : undefined;
}

const modeOf = (options) => (options && typeof options === 'object' ? octal(options.mode) : undefined);

function opens(flags) {
  if (typeof flags === 'number') return (flags & 3) !== 0;
  return typeof flags === 'string' && apply(test, WRITERS, [flags]);
}

const CALLS = {
  __proto__: null,
  writeFile: (a) => tell('write', a[0], { mode: modeOf(a[2]) }),
  appendFile: (a) => tell('write', a[0], { mode: modeOf(a[2]) }),
  createWriteStream: (a) => tell('write', a[0], { mode: modeOf(a[1]) }),
  open: (a) => tell(opens(a[1]) ? 'write' : 'read', a[0], { mode: opens(a[1]) ? octal(a[2]) : undefined }),
  readFile: (a) => tell('read', a[0]),
  createReadStream: (a) => tell('read', a[0]),
  copyFile: (a) => { tell('read', a[0]); tell('write', a[1]); },
  cp: (a) => { tell('read', a[0]); tell('write', a[1]); },
  unlink: (a) => tell('delete', a[0]),
  rm: (a) => tell('delete', a[0]),
  rmdir: (a) => tell('delete', a[0]),
  rename: (a) => tell('rename', a[0], { target: pathOf(a[1]) }),
  chmod: (a) => tell('change_mode', a[0], { mode: octal(a[1]) }),
  symlink: (a) => tell('link', a[1], { target: pathOf(a[0]) }),
  link: (a) => tell('link', a[1], { target: pathOf(a[0]) }),
};

function wrap(owner, name, told) {
  const real = owner[name];
  if (typeof real !== 'function') return;
  owner[name] = watch.stand(real, function () {
    told(arguments);
    return apply(real, this, arguments);
  });
}

for (const name in CALLS) {
  wrap(fs, name, CALLS[name]);
  wrap(fs, `${name}Sync`, CALLS[name]);
  wrap(fs.promises, name, CALLS[name]);
}

const { dlopen } = process;
process.dlopen = watch.stand(dlopen, function (module, path) {
  const from = whence();
  emit('load_library', { __proto__: null, path: textOf(path), layer: from.script, stack: from.stack });
  return apply(dlopen, this, arguments);
});
