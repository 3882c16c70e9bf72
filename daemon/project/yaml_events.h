// What a YAML text consists of, one piece after the other: libyaml behind C++ values.
//
// libyaml's parser is a state machine with its own stack and looks ahead 1024 characters at most,
// so no text makes it recurse, and what the caller does not ask for is not scanned.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"

namespace nopo {

struct YamlEvent {
  enum class Kind {
    kDocumentStart,
    kNull,  // Nothing, or `~` and `null` without quotes.
    kScalar,
    kAlias,
    kListStart,
    kListEnd,
    kMapStart,
    kMapEnd,
  };
  Kind kind = Kind::kNull;
  int line = 0, column = 0;  // From 1; columns count characters.
  std::string anchor;        // Its name, "" without; of an alias what it refers to.
  std::string text;          // kScalar.
  bool plain = false;        // kScalar: without quotes and tag.
};

class YamlEvents {
 public:
  struct Mistake {
    int line = 0, column = 0;
    std::string message;  // "found ...; expected ..."
  };

  // `text` is UTF-8 and must outlive this.
  explicit YamlEvents(absl::string_view text);
  ~YamlEvents();

  // Empty at the end of the text, and where it is no YAML or has a tag outside of YAML's core.
  std::optional<YamlEvent> Next();
  // Why Next came to an end too early.
  const std::optional<Mistake>& mistake() const { return mistake_; }

 private:
  struct Parser;  // Keeps libyaml's header out of this one.

  std::optional<YamlEvent> Stop(Mistake mistake);

  absl::string_view text_;
  std::unique_ptr<Parser> parser_;
  std::optional<Mistake> mistake_;
};

}  // namespace nopo
