// What Chantier hears of `node --test`: one JSON line per event. See the manual of node:test, "Custom reporters".
export default async function* chantier(source) {
  for await (const { type, data } of source) {
    const kind = type.slice('test:'.length)
    if (kind === 'stdout' || kind === 'stderr') {
      yield JSON.stringify({ chantier: 'said', text: data.message, file: data.file, is_error: kind === 'stderr' }) + '\n'
    } else if (kind === 'dequeue' || kind === 'start' || kind === 'pass' || kind === 'fail') {
      const { name, nesting, file, line, column, skip, todo, details } = data
      const error = details?.error
      const cause = error?.cause
      const isError = cause !== null && typeof cause === 'object'
      yield JSON.stringify({
        chantier: kind,
        name,
        nesting,
        file,
        line,
        column,
        skip,
        todo,
        ms: details?.duration_ms,
        is_suite: details?.type === 'suite',
        message: error && String((isError ? cause.message : cause) ?? error.message),
        stack: isError ? cause.stack : undefined,
        failure: error?.failureType
      }) + '\n'
    }
  }
}
