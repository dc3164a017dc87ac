/** Our status and exception messages are codes: lower-case words with underscores, or empty. */
export const messageForm = /^[a-z0-9_]*$/;

const functionName = String.raw`(?:async )?(?:new )?[\w$#.<>[\]]{1,80}(?: \[as [\w$#.]{1,80}\])?`;
const place = String.raw`[\w$.@+\\/:-]{1,300}:\d{1,7}:\d{1,7}`;
const packageFrames = String.raw`[\w.@/-]{1,100} \(\d{1,7} frames?\)`;
const frame = `(?:${functionName} \\(${place}\\)|${place}|${packageFrames}|<anonymous>)`;

/**
 * The only event that a span may have, with the pattern of each line: it has an exception's class and
 * place, but not its message, which may repeat content.
 */
export const exceptionEvent = {
  name: "exception",
  type: { key: "exception.type", lineForm: /^[A-Za-z_$][\w.$:-]{0,127}$/ },
  message: { key: "exception.message", lineForm: messageForm },
  // A place in the code, or the exception's class, perhaps with its message.
  stack: {
    key: "exception.stacktrace",
    lineForm: new RegExp(`^(?:(?:\\s+at )?${frame}|[\\w.$]+(?:: [a-z0-9_]*)?)$`),
  },
} as const;
