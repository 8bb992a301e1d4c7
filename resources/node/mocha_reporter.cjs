// What Chantier hears of Mocha: one JSON line per event. See its API, "Runner", and its wiki, "Third-party reporters".
const { inspect } = require('node:util')
const write = process.stdout.write.bind(process.stdout)
const tell = (line) => write(JSON.stringify(line) + '\n')

const shown = (value) => (typeof value === 'string' ? value : inspect(value, { depth: 6, maxStringLength: 10000 }))

const because = (error) => {
  if (!error) return {}
  const difference =
    error.showDiff !== false && error.expected !== undefined
      ? `\n\nexpected: ${shown(error.expected)}\nactual:   ${shown(error.actual)}`
      : ''
  const stack = String(error.stack || error).split('\n')
  const own = stack.filter((line) => !/^\s+at .*(node_modules[\\/]mocha[\\/]|node:internal\/)/.test(line))
  return { message: String(error.message ?? error), stack: own.join('\n') + difference }
}

// Hooks have no file of their own, those of the root not even one around them.
const fileOf = (test) => test.file ?? test.parent?.file ?? test.ctx?.currentTest?.file

module.exports = class Chantier {
  constructor(runner, options) {
    // Else paths start at the folder where Mocha runs.
    options.fullTrace = true
    this.id = undefined
    this.keep(runner)
    tell({ chantier: 'begin' })
    runner.on('start', () => tell({ chantier: 'total', total: runner.total }))
    runner.once('end', () => tell({ chantier: 'end' }))
    for (const stream of [process.stdout, process.stderr]) this.listen(stream)
    runner.on('test', (test) => {
      this.id = JSON.stringify([fileOf(test), test.titlePath()])
      tell({ chantier: 'start', file: fileOf(test), path: test.titlePath() })
    })
    runner.on('pass', (test) => this.result('pass', test))
    runner.on('fail', (test, error) => {
      this.result('fail', test, error)
      if (test.type === 'hook' && test.title.startsWith('"before all"')) this.unrun(test.parent, error)
    })
    runner.on('pending', (test) => this.result('skip', test))
    runner.on('hook', (hook) => {
      this.id ??= JSON.stringify([fileOf(hook), hook.titlePath()])
    })
    runner.on('hook end', (hook) => {
      if (hook.title.startsWith('"before all"') || hook.title.startsWith('"after all"')) this.id = undefined
    })
  }

  // Only what stands in the files that were asked for: the settings of the project may name others.
  keep(runner) {
    const files = process.env.CHANTIER_MOCHA_FILES?.split('\n')
    if (!files) return
    const walk = (suite) => {
      suite.tests = suite.tests.filter((test) => !test.file || files.includes(test.file))
      suite.suites.forEach(walk)
    }
    walk(runner.suite)
    runner.total = runner.suite.total()
  }

  // Mocha says nothing of the tests behind a hook that failed.
  unrun(suite, error) {
    const reason = `not run: the "before all" hook failed: ${error?.message ?? error}`
    for (const test of suite.tests) {
      if (test.state || test.isPending()) continue
      tell({ chantier: 'start', file: fileOf(test), path: test.titlePath() })
      tell({ chantier: 'skip', file: fileOf(test), path: test.titlePath(), reason })
    }
    for (const inner of suite.suites) this.unrun(inner, error)
  }

  // What a test prints belongs to it.
  listen(stream) {
    const raw = stream.write.bind(stream)
    stream.write = (chunk, encoding, done) => {
      if (!this.id) return raw(chunk, encoding, done)
      const text = typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString()
      tell({ chantier: 'said', id: this.id, text })
      const after = typeof encoding === 'function' ? encoding : done
      if (typeof after === 'function') process.nextTick(after)
      return true
    }
  }

  result(kind, test, error) {
    const path = test.titlePath()
    const file = fileOf(test)
    const id = test.type === 'hook' ? this.id : JSON.stringify([file, path])
    tell({
      chantier: kind,
      file,
      path,
      id,
      ms: test.duration,
      retries: typeof test.currentRetry === 'function' ? test.currentRetry() : 0,
      ...because(error)
    })
    this.id = undefined
  }
}
