// Puts the page of a thing above the pages that mention it. A frame around the theme's search worker, which does the
// finding; its file name comes in the query of this one's address. Four messages: 0 setup, 1 ready, 2 query, 3 result.
(function () {
  "use strict";
  var theme = location.search.slice(1), names = new Map(), texts = new Map(), query = "";
  if (!/^search\.[0-9a-f]+\.min\.js$/.test(theme)) return;

  // As a reader types it: no case, no marks between words, none of the zero-width spaces around Chinese words.
  function plain(text) {
    return text.replace(/<[^>]*>|\u200b/g, "").toLowerCase().replace(/[\s\-_/、。，()（）]+/g, " ").trim();
  }

  // Names are indexed once a page, not once a section.
  function learn(docs) {
    docs.forEach(function (doc) {
      var page = doc.location.split("#")[0];
      texts.set(page, (texts.get(page) || "") + " " + doc.title + " " + doc.text);
      if (doc.tags && !names.has(page)) names.set(page, doc.tags.map(plain));
      else delete doc.tags;
    });
  }

  // 0 called so, 1 its name begins so, 2 its name has it, 3 its text has it, 4 its text has some of the words.
  function rank(page) {
    var own = names.get(page) || [];
    if (own.includes(query)) return 0;
    if (own.some(function (name) { return name.startsWith(query + " "); })) return 1;
    if (own.some(function (name) { return name.includes(query); })) return 2;
    return plain(texts.get(page) || "").includes(query) ? 3 : 4;
  }

  function ordered(groups) {
    return groups.map(function (group, found) {
      var own = rank(group[0].location.split("#")[0]);
      group.forEach(function (item) {
        delete item.tags;
        item.score += (4 - own) * 1e12; // the Enter key opens the highest score
      });
      return { group: group, found: found, rank: own };
    }).sort(function (a, b) {
      return a.rank - b.rank || a.found - b.found;
    }).map(function (item) { return item.group; });
  }

  addEventListener("message", function (event) {
    if (event.data.type === 0) learn(event.data.data.docs);
    if (event.data.type === 2) query = plain(event.data.data);
  });
  var post = self.postMessage;
  self.postMessage = function (message) {
    if (message.type === 3 && query) message.data.items = ordered(message.data.items);
    post.call(self, message);
  };
  importScripts(theme);
})();
