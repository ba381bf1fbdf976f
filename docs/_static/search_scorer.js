// how the search orders what it finds: a heading that is asked for comes first; guides and operations come before
// the names that a page lists, and before what is for those who come from another client
var Scorer = {
  score: (result) => {
    const [page, , , , score, , kind] = result;
    const isLater = /^(reference\/|moving-from)/.test(page) || ["cli", "changelog", "faults"].includes(page);
    return score + (kind === "title" ? 30 : 0) - (isLater ? 40 : 0);
  },
  objNameMatch: 11,
  objPartialMatch: 6,
  objPrio: { 0: 15, 1: 5, 2: -5 },
  objPrioDefault: 0,
  title: 15,
  partialTitle: 7,
  term: 5,
  partialTerm: 2,
};
