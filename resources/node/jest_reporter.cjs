// What Chantier hears of Jest: one JSON line per event. See its manual, "Configuring Jest", reporters.
const tell = (line) => process.stdout.write(JSON.stringify(line) + '\n')
const STATES = { passed: 'pass', failed: 'fail' }

module.exports = class Chantier {
  constructor() {
    this.told = new Set()
  }

  result(file, { ancestorTitles, title, status, duration, failureMessages, invocations, location }, output) {
    const stack = failureMessages?.join('\n')
    tell({
      chantier: STATES[status] ?? 'skip',
      file,
      path: [...ancestorTitles, title],
      ms: duration,
      retries: invocations ? invocations - 1 : 0,
      line: location?.line,
      message: stack?.split(/\n\s+at /)[0],
      stack,
      output
    })
  }

  onRunComplete() {
    tell({ chantier: 'end' })
  }

  onTestCaseStart(test, { ancestorTitles, title }) {
    tell({ chantier: 'start', file: test.path, path: [...ancestorTitles, title] })
  }

  onTestCaseResult(test, result) {
    this.told.add(JSON.stringify([test.path, result.ancestorTitles, result.title]))
    this.result(test.path, result)
  }

  onTestResult(test, { testResults, testExecError, failureMessage, console: said }) {
    for (const { message } of said ?? []) tell({ chantier: 'said', text: message })
    for (const result of testResults) {
      const id = JSON.stringify([test.path, result.ancestorTitles, result.title])
      if (!this.told.has(id)) this.result(test.path, result)
    }
    if (testExecError || (failureMessage && !testResults.length)) {
      const stack = testExecError?.stack || failureMessage
      tell({ chantier: 'file', file: test.path, message: testExecError?.message || failureMessage, stack })
    }
  }
}
