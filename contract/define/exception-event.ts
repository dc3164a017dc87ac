/** A status or exception message of ours is a code: lower-case words with underscores, or nothing. */
export const messageForm = /^[a-z0-9_]*$/;

const functionName = String.raw`(?:async )?(?:new )?[\w$#.<>[\]]{1,80}(?: \[as [\w$#.]{1,80}\])?`;
const place = String.raw`[\w$.@+\\/:-]{1,300}:\d{1,7}:\d{1,7}`;
const packageFrames = String.raw`[\w.@/-]{1,100} \(\d{1,7} frames?\)`;
const frame = `(?:${functionName} \\(${place}\\)|${place}|${packageFrames}|<anonymous>)`;

/**
 * The only event that a span may have, and the form of each line of what it carries: it tells where
 * and of which class an exception was thrown, and nothing of its words, which may repeat content.
 */
export const exceptionEvent = {
  name: "exception",
  type: { key: "exception.type", lineForm: /^[A-Za-z_$][\w.$:-]{0,127}$/ },
  message: { key: "exception.message", lineForm: messageForm },
  // A place in the code; or the class of the exception, perhaps with its message.
  stack: {
    key: "exception.stacktrace",
    lineForm: new RegExp(`^(?:(?:\\s+at )?${frame}|[\\w.$]+(?:: [a-z0-9_]*)?)$`),
  },
} as const;
