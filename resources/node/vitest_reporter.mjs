// What Chantier hears of Vitest: one JSON line per event. See its guide, "Reporters"; up to version 2 only the tasks at the end are told.
const tell = (line) => process.stdout.write(JSON.stringify(line) + '\n')
// What stands in the packages is the runner's own way to the test.
const isOther = (line) => /^\s+at .*(node_modules\/|node:internal|new Promise \(<anonymous>\))/.test(line)
const stackOf = (error) => {
  const stack = String(error.stack ?? error.stackStr ?? error.message)
  const lines = stack.split('\n')
  const own = lines.filter((line) => !isOther(line))
  return own.some((line) => /^\s+at /.test(line)) ? own.join('\n') : stack
}
const because = (errors) => ({
  message: errors?.[0] && String(errors[0].message ?? errors[0]),
  diff: errors?.map((error) => error.diff).filter((diff) => typeof diff === 'string').join('\n\n') || undefined,
  stack: errors?.map(stackOf).join('\n')
})

export default class Chantier {
  told = new Set()

  onInit(vitest) {
    this.root = vitest.config?.root
  }

  onUserConsoleLog(log) {
    const id = log.taskId && String(log.taskId)
    tell({ chantier: 'said', text: log.content, id })
  }

  pathOf(test) {
    const path = [test.name]
    for (let at = test.parent; at && at.type === 'suite'; at = at.parent) path.unshift(at.name)
    return path
  }

  // A test that never gives its thread back is not told, but what it stands in is.
  onTestModuleCollected() {
    tell({ chantier: 'begin' })
  }

  onTestCaseReady(test) {
    tell({ chantier: 'start', file: test.module.moduleId, path: this.pathOf(test), id: test.id })
  }

  onTestCaseResult(test) {
    this.told.add(test.id)
    const { state, errors, note } = test.result()
    const diagnostic = test.diagnostic()
    tell({
      chantier: state === 'passed' ? 'pass' : state === 'failed' ? 'fail' : 'skip',
      file: test.module.moduleId,
      path: this.pathOf(test),
      id: test.id,
      ms: diagnostic?.duration,
      retries: diagnostic?.retryCount,
      reason: note,
      line: test.location?.line,
      ...because(errors)
    })
  }

  ofModule(module) {
    const errors = module.errors?.() ?? []
    if (errors.length) tell({ chantier: 'file', file: module.moduleId, ...because(errors) })
    for (const suite of module.children.allSuites()) {
      const errors = suite.errors?.() ?? []
      if (errors.length) {
        tell({ chantier: 'fail', file: module.moduleId, path: [...this.pathOf(suite), '(suite)'], ...because(errors) })
      }
    }
  }

  onFinished(files = [], errors = []) {
    const walk = (task, path) => {
      if (task.tasks) {
        const inside = task.type === 'suite' && task.filepath === undefined ? [...path, task.name] : path
        if (task.filepath && task.result?.errors?.length) {
          tell({ chantier: 'file', file: task.filepath, ...because(task.result.errors) })
        }
        return task.tasks.forEach((one) => walk(one, inside))
      }
      if (this.told.has(task.id)) return
      const state = task.result?.state
      tell({
        chantier: state === 'pass' ? 'pass' : state === 'fail' ? 'fail' : 'skip',
        file: task.file.filepath,
        path: [...path, task.name],
        ms: task.result?.duration,
        retries: task.result?.retryCount,
        ...because(task.result?.errors)
      })
    }
    // Newer versions tell it all at the end of the run.
    if (this.told.size || this.hasModules) return
    files.forEach((file) => walk(file, []))
    this.end(errors)
  }

  onTestModuleQueued() {
    this.hasModules = true
  }

  onTestRunEnd(modules, errors = []) {
    modules.forEach((module) => this.ofModule(module))
    // A worker that ended early leaves its tests without a word.
    const isUnrun = (module) => ['queued', 'pending'].includes(module.state?.())
    if (errors.length && modules.some(isUnrun)) tell({ chantier: 'cut' })
    this.end(errors)
  }

  end(errors) {
    if (errors?.length) tell({ chantier: 'trouble', ...because(errors) })
    tell({ chantier: 'end' })
  }
}
