'use strict';
// Children and workers: told of at the binding below child_process, and hooked again whatever environment they get.
const { emit, whence, apply, construct, push, startsWith, isArray, define, Proxy: RealProxy } = watch;
const workers = require('worker_threads');
const real = process.env;
let count = 0;

const quoted = watch.hook.includes(' ') ? `"${watch.hook}"` : watch.hook;
const OURS = `NODE_OPTIONS=--require ${quoted}`;
const SETTINGS = `CAPTURE=${watch.settings}`;

// The pairs that a child gets: its own, and ours in front of its NODE_OPTIONS.
function rehooked(pairs) {
  const out = [];
  let options = OURS;
  for (let i = 0; i < pairs.length; i += 1) {
    const pair = `${pairs[i]}`;
    if (startsWith(pair, 'NODE_OPTIONS=')) options = `${OURS} ${watch.slice(pair, 13)}`;
    else if (!startsWith(pair, 'CAPTURE=')) push(out, pair);
  }
  push(out, options);
  push(out, SETTINGS);
  return out;
}

function pairsOf(environment) {
  const out = [];
  for (const name in environment) push(out, `${name}=${environment[name]}`);
  return out;
}

// Node's binding makes texts of them: so do we, once, that what is told is what is run.
function texts(args) {
  const out = [];
  for (let i = 0; i < args.length; i += 1) push(out, `${args[i]}`);
  return out;
}

function tell(options) {
  if (isArray(options.args)) options.args = texts(options.args);
  const from = whence();
  count += 1;
  emit('execute', {
    __proto__: null, child: count, executable: watch.String(options.file), arguments: options.args,
    directory: typeof options.cwd === 'string' ? options.cwd : undefined,
    layer: from.script, stack: from.stack,
  });
  options.envPairs = rehooked(isArray(options.envPairs) ? options.envPairs : pairsOf(real));
  return count;
}

// On a simulated system its own programs are not there: stand-ins are, which do nothing and are seen with what they
// were asked for; what has none goes on as if it had done its work.
const SYSTEM = '/opt/system';
const fs = require('fs');
const { existsSync } = fs;
function stands(file, paths) {
  if (watch.includes(file, '/')) return existsSync(file);
  const folders = (paths || '/usr/bin:/bin').split(':');
  for (let i = 0; i < folders.length; i += 1) if (existsSync(`${folders[i]}/${file}`)) return true;
  return false;
}
const { PATH } = real;
function stood(file) {
  let from = file.length;
  while (from > 0 && file[from - 1] !== '/' && file[from - 1] !== '\\') from -= 1;
  const name = watch.lower(watch.slice(file, from));
  const base = watch.endsWith(name, '.exe') ? watch.slice(name, 0, -4) : name;
  const ours = [`${SYSTEM}/${base}.exe`, `${SYSTEM}/${base}`];
  for (let i = 0; i < ours.length; i += 1) if (existsSync(ours[i])) return ours[i];
  return stands(base, PATH) ? base : '/bin/true';
}

// `sleep 3600`, by itself or in a shell's command.
const LONG_SLEEP = /^sleep$|\bsleep\s+\d/;
const SECONDS = /(\bsleep\s+|^)(\d+)(?=$|[\s;&|)'"])/g;
const { test } = RegExp.prototype;
const replaceAll = RegExp.prototype[Symbol.replace];
function hasten(options) {
  const { args } = options;
  if (!isArray(args)) return;
  const alone = args[0] === 'sleep';
  for (let i = 1; i < args.length; i += 1) {
    if (typeof args[i] === 'string' && (alone || apply(test, LONG_SLEEP, [args[i]]))) {
      args[i] = apply(replaceAll, SECONDS, [args[i], (all, before, seconds) => {
        if (!(+seconds > 10)) return all;
        const from = whence();
        emit('wait', { __proto__: null, seconds: +seconds, layer: from.script, stack: from.stack });
        return `${before}1`;
      }]);
    }
  }
}
function simulate(options) {
  hasten(options);
  if (watch.platform === 'linux') return;
  const file = watch.String(options.file);
  if ((watch.platform === 'win32' && !watch.includes(file, '/')) || !stands(file, PATH)) options.file = stood(file);
}

// Node 24 hands over what it handed over in one object before one by one.
const { Process } = process.binding('process_wrap');
const { spawn } = Process.prototype;
Process.prototype.spawn = watch.stand(spawn, function (first, args, cwd, envPairs) {
  const given = arguments;
  const apart = typeof first === 'string';
  const options = apart ? { __proto__: null, file: first, args, cwd, envPairs } : first;
  const child = tell(options);
  simulate(options);
  if (apart) {
    given[0] = options.file;
    given[1] = options.args;
    given[3] = options.envPairs;
  }
  const result = apply(spawn, this, given);
  emit('spawned', { __proto__: null, child, pid: this.pid });
  return result;
});

const sync = process.binding('spawn_sync');
const { spawn: spawnSync } = sync;
sync.spawn = watch.stand(spawnSync, function (options) {
  const child = tell(options);
  simulate(options);
  const result = apply(spawnSync, this, [options]);
  emit('spawned', { __proto__: null, child, pid: result && result.pid });
  return result;
});

if (typeof process.execve === 'function') {
  const { execve } = process;
  process.execve = watch.stand(execve, function (file, args, environment) {
    const options = { __proto__: null, file, args, envPairs: environment && pairsOf(environment) };
    tell(options);
    const given = { __proto__: null };
    for (let i = 0; i < options.envPairs.length; i += 1) {
      const at = options.envPairs[i].indexOf('=');
      given[options.envPairs[i].slice(0, at)] = options.envPairs[i].slice(at + 1);
    }
    return apply(execve, this, [file, args, { ...given }]);
  });
}

// A worker hooks itself only if Node finds the options while it makes it: in the environment that the worker is given,
// or for that moment in ours.
const { Worker } = workers;
workers.setEnvironmentData(watch.key, watch.settings);

function made(target, given, asked) {
  const options = given[1];
  const own = options && typeof options.env === 'object' && options.env !== null && options.env !== process.env;
  const environment = own ? { ...options.env } : real;
  const was = environment.NODE_OPTIONS;
  environment.NODE_OPTIONS = `--require ${quoted} ${was || ''}`;
  environment.CAPTURE = watch.settings;
  try {
    return construct(target, own ? [given[0], { ...options, env: environment }] : given, asked);
  } finally {
    if (!own) {
      delete real.CAPTURE;
      if (was === undefined) delete real.NODE_OPTIONS;
      else real.NODE_OPTIONS = was;
    }
  }
}

const hooked = new RealProxy(Worker, {
  __proto__: null,
  construct(target, given, asked) {
    const from = whence();
    const worker = made(target, given, asked === hooked ? target : asked);
    const evaluated = given[1] && given[1].eval;
    emit('start_worker', {
      __proto__: null, thread: worker.threadId, path: evaluated ? '' : watch.String(given[0]), layer: from.script,
      stack: from.stack,
    });
    return worker;
  },
});
define(Worker.prototype, 'constructor', { __proto__: null, value: hooked, configurable: true, writable: true });
workers.Worker = hooked;
