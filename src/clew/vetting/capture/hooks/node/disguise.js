'use strict';
// Our functions look like those they stand for, and modules that import by name get them too.
const { wrapped, get, has, apply, stand } = watch;
const { toString } = Function.prototype;
Function.prototype.toString = stand(toString, function () {
  return apply(toString, has(wrapped, this) ? get(wrapped, this) : this, []);
});
require('module').syncBuiltinESMExports();
watch.start();
