/** What of JavaScript's WebAssembly is called by name; Node's types have none of it, and those of Emscripten only its types. */
declare namespace WebAssembly {
  function compile(bytes: Uint8Array): Promise<Module>;
  function instantiate(module: Module, imports: Imports): Promise<Instance>;
}
