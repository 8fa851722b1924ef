// Changing an entry that was never on its way (改一改): its own form again, with what was written.

import { empty } from "./dom.js";
import { one } from "./queue.js";
import { actScreen, siteScreen } from "./ui-act.js";
import { patrolScreen, reportScreen, visitScreen } from "./ui-new.js";
import { say } from "./words.js";

const FORMS = {
  report: reportScreen, patrol: patrolScreen, visit: visitScreen,
  act: (of) => actScreen(of.body.number, of.body.action, of),
  note: (of) => siteScreen(of.body.number, of),
};

export async function changeScreen(id) {
  const entry = await one(id);
  if (entry && !entry.attempted && FORMS[entry.kind]) return FORMS[entry.kind](entry);
  return { title: say("改一改", "Change"), back: "outbox", body: [empty(say("这条已经在发送或已发出，不能再改。要补充的话，请另记一条。", "This entry is being sent or was sent, and can no longer be changed. Note what is missing as a new one."))] };
}
