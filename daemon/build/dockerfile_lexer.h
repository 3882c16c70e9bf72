// Cuts the text of a Dockerfile into instructions and words, remembering where each stood.
//
// Knows what BuildKit's reader knows of layout: line continuations, comments (also between
// continued lines), the `escape` directive and here-documents, whose bodies are skipped.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace nopo {

// A part of a text, in bytes.
struct TextSpan {
  size_t begin = 0;
  size_t end = 0;
};

// What stands between blanks, continuations taken out.
class DockerfileWord {
 public:
  void Append(char c, size_t offset);
  const std::string& text() const { return text_; }
  // Where `length` characters of text() from `first` on stand in the Dockerfile; `length` > 0.
  TextSpan SpanOf(size_t first, size_t length) const;

 private:
  std::string text_;
  std::vector<size_t> offsets_;  // Of each character.
};

struct DockerfileInstruction {
  std::string keyword;                // "FROM"; upper case.
  std::vector<DockerfileWord> words;  // After the keyword.
  TextSpan span;                      // Continuations and here-documents included.
};

struct DockerfileTokens {
  char escape = '\\';
  std::vector<DockerfileInstruction> instructions;
};

DockerfileTokens LexDockerfile(absl::string_view text);

}  // namespace nopo
