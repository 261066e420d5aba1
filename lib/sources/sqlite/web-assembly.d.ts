/** The two functions of WebAssembly that are called. Node's types lack them, and Emscripten's have only the types. */
declare namespace WebAssembly {
  function compile(bytes: Uint8Array): Promise<Module>;
  function instantiate(module: Module, imports: Imports): Promise<Instance>;
}
