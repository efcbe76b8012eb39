'use strict';
// What the hook needs of the language, taken before the package can change it.
const { bind, call } = Function.prototype;
const uncurry = bind.bind(call);
const { apply } = Reflect;

watch.apply = apply;
watch.construct = Reflect.construct;
watch.ownKeys = Reflect.ownKeys;
watch.define = Reflect.defineProperty;
watch.described = Reflect.getOwnPropertyDescriptor;
watch.uncurry = uncurry;
watch.stringify = JSON.stringify;
watch.parse = JSON.parse;
watch.isArray = Array.isArray;
watch.isBuffer = Buffer.isBuffer;
watch.isView = ArrayBuffer.isView;
watch.bytes = Buffer.from;
watch.text = uncurry(Buffer.prototype.toString);
watch.String = String;
watch.Proxy = Proxy;
watch.Map = Map;
watch.get = uncurry(Map.prototype.get);
watch.set = uncurry(Map.prototype.set);
watch.has = uncurry(Map.prototype.has);
watch.remove = uncurry(Map.prototype.delete);
watch.slice = uncurry(String.prototype.slice);
watch.lower = uncurry(String.prototype.toLowerCase);
watch.startsWith = uncurry(String.prototype.startsWith);
watch.endsWith = uncurry(String.prototype.endsWith);
watch.includes = uncurry(String.prototype.includes);
watch.push = uncurry(Array.prototype.push);
watch.floor = Math.floor;

const { timeOrigin, now } = performance;
watch.now = () => watch.floor((timeOrigin + apply(now, performance, [])) * 1000);

// A function that stands for another: it has its name, its length and its properties, and is known as such.
watch.wrapped = new Map();
watch.stand = (real, wrapper) => {
  const names = watch.ownKeys(real);
  for (let i = 0; i < names.length; i += 1) {
    if (names[i] !== 'prototype') watch.define(wrapper, names[i], watch.described(real, names[i]));
  }
  watch.set(watch.wrapped, wrapper, real);
  return wrapper;
};
