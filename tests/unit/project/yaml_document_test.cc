#include "daemon/project/yaml_document.h"

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace nopo {
namespace {

using ::testing::HasSubstr;

// The tree on one line: `{key@line:column: ...}`, texts in quotes unless plain, null as ~.
std::string Picture(const YamlNode& node) {
  std::string picture;
  switch (node.kind) {
    case YamlNode::Kind::kNull:
      return "~";
    case YamlNode::Kind::kScalar:
      return node.plain ? node.text : absl::StrCat("'", node.text, "'");
    case YamlNode::Kind::kList:
      for (const YamlNode* item : node.items) absl::StrAppend(&picture, Picture(*item), " ");
      return absl::StrCat("[ ", picture, "]");
    case YamlNode::Kind::kMap:
      for (const YamlEntry& entry : node.entries) {
        absl::StrAppend(&picture, entry.key, "@", entry.line, ":", entry.column, ": ",
                        Picture(*entry.value), " ");
      }
      return absl::StrCat("{ ", picture, "}");
  }
  return picture;
}

// The picture, or the mistakes.
std::string Parsed(const std::string& text) {
  Diagnostics diagnostics;
  const auto document = YamlDocument::Parse(text, "f", diagnostics);
  if (diagnostics.has_errors()) return std::string(diagnostics.ToStatus().message());
  return document.has_value() ? Picture(document->root()) : "nothing";
}

TEST(YamlDocumentTest, KeepsOrderPlacesAndSpellings) {
  EXPECT_EQ(Parsed("b: 007\na:\n  - yes\n  - \"1\"\n"), "{ b@1:1: 007 a@2:1: [ yes '1' ] }");
  EXPECT_EQ(Parsed("é: 1\n  \n\"q\": [a, {b: c}]"), "{ é@1:1: 1 q@3:1: [ a { b@3:11: c } ] }");
  EXPECT_EQ(Parsed("a: |\n  x\n  y\nb: >-\n  x\n  y"), "{ a@1:1: 'x\ny\n' b@4:1: 'x y' }");
}

TEST(YamlDocumentTest, TakesNothingAndItsNamesForNull) {
  EXPECT_EQ(Parsed(""), "~");
  EXPECT_EQ(Parsed("# only a comment"), "~");
  EXPECT_EQ(Parsed("{a: , b: ~, c: null, d: 'null', e: ''}"),
            "{ a@1:2: ~ b@1:7: ~ c@1:13: ~ d@1:22: 'null' e@1:33: '' }");
}

TEST(YamlDocumentTest, ExpandsAliasesAndMerges) {
  EXPECT_EQ(Parsed("a: &x [1]\nb: *x"), "{ a@1:1: [ 1 ] b@2:1: [ 1 ] }");
  EXPECT_EQ(Parsed("a: &x {p: 1, q: 2}\nb: {<<: *x, q: 3}"),
            "{ a@1:1: { p@1:8: 1 q@1:14: 2 } b@2:1: { q@2:13: 3 p@1:8: 1 } }");
  EXPECT_EQ(Parsed("a: &x {p: 1}\nb: {<<: [*x, {p: 2, q: 3}]}"),
            "{ a@1:1: { p@1:8: 1 } b@2:1: { p@1:8: 1 q@2:21: 3 } }");
  EXPECT_EQ(Parsed("a: &x 1\nb: &x 2\nc: *x"), "{ a@1:1: 1 b@2:1: 2 c@3:1: 2 }");
}

TEST(YamlDocumentTest, IgnoresTheTagsOfItsCore) {
  EXPECT_EQ(Parsed("{a: !!str 1, b: !!map {}}"), "{ a@1:2: '1' b@1:14: { } }");
}

TEST(YamlDocumentTest, SaysWhereWhatIsNoYamlAndWhy) {
  EXPECT_EQ(Parsed("a: [1\nb: 2"),
            "f:2:2: found invalid YAML: did not find expected ',' or ']' while parsing a flow "
            "sequence from line 1");
  EXPECT_EQ(Parsed("a: b: c"),
            "f:1:5: found invalid YAML: mapping values are not allowed in this context");
  EXPECT_EQ(Parsed("a: 'b\n"),
            "f:2:1: found invalid YAML: found unexpected end of stream while scanning a quoted "
            "scalar from line 1");
  EXPECT_EQ(Parsed("a:\n\tb: c"),
            "f:2:1: found invalid YAML: found character that cannot start any token while scanning "
            "for the next token from line 2; expected spaces, because a tab does not indent");
  EXPECT_EQ(Parsed("a: @b"),
            "f:1:4: found invalid YAML: found character that cannot start any token while scanning "
            "for the next token from line 1; expected quotes around a text with '@' in front");
  EXPECT_EQ(
      Parsed("a: [*/b]"),
      "f:1:6: found invalid YAML: did not find expected alphabetic or numeric character while "
      "scanning an alias from line 1; expected quotes around a text with '*' in front");
  EXPECT_EQ(Parsed("a: é\nb: \x01"), "f:2:4: found a control character; expected text");
  EXPECT_EQ(Parsed("a: *b"),
            "f:1:4: found the alias '*b'; expected one whose anchor comes before it");
}

std::string Repeated(const std::string& text, int times) {
  std::string result;
  for (int i = 0; i < times; ++i) result += text;
  return result;
}

TEST(YamlDocumentTest, StopsAtTheFirstPlaceThatNestsTooDeep) {
  EXPECT_EQ(Parsed(Repeated("[", 1 << 20)),
            "f:1:65: found nesting deeper than 64 levels; expected less");
  EXPECT_EQ(Parsed(Repeated("- ", 1 << 19)),
            "f:1:129: found nesting deeper than 64 levels; expected less");
  EXPECT_EQ(Parsed(Repeated("{a: ", 1 << 18)),
            "f:1:257: found nesting deeper than 64 levels; expected less");
}

TEST(YamlDocumentTest, BoundsHowManyKeysAndValuesThereAre) {
  EXPECT_EQ(Parsed("[" + Repeated("a,", 99'998) + "a]").substr(0, 4), "[ a ");
  EXPECT_EQ(Parsed("[" + Repeated("a,", 99'999) + "a]"),
            "f:1:200000: found more than 100000 keys and values; expected fewer");
}

TEST(YamlDocumentTest, BoundsTheLengthOfAKey) {
  const std::string key(1025, 'k');
  EXPECT_THAT(Parsed("? " + key + "\n: 1"), HasSubstr("expected one of at most 1024 bytes"));
  EXPECT_EQ(Parsed("? " + key.substr(1) + "\n: 1").substr(0, 4), "{ kk");
}

TEST(YamlDocumentTest, BoundsTheTextBehindAliases) {
  const std::string half(1 << 19, 't');
  EXPECT_EQ(Parsed("a: &x " + half + "\nb: [*x, *x]").substr(0, 4), "{ a@");
  EXPECT_EQ(Parsed("a: &x " + half + "\nb: [*x, *x, *x]"),
            "f:2:13: aliases expand to more than 1 MiB of text; expected fewer aliases");
}

}  // namespace
}  // namespace nopo
