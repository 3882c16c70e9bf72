// What the loader says to the files of tests/corpus/config, of which packaging/nopo.schema.json is
// asked by tests/schema/check; and that both know the same keys.
#include <algorithm>
#include <boost/json.hpp>
#include <fstream>
#include <set>
#include <sstream>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "temporary_project.h"

namespace nopo {
namespace {

namespace json = boost::json;

using ::testing::Each;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

const std::filesystem::path kSourceDir = NOPO_SOURCE_DIR;

std::string ReadFile(const std::filesystem::path& path) {
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  EXPECT_FALSE(text.str().empty()) << path;
  return text.str();
}

struct Verdict {
  std::string mistakes;
  std::vector<std::string> warnings;
};

// `text` as the file of a root or of the target `web`, in the surroundings that the corpus
// promises.
Verdict Judge(const std::string& kind, const std::string& text) {
  TemporaryProject files;
  files.Write("apps/lib/nopo.yml", "").Write("apps/db/nopo.yml", "image: db\n");
  files.Write("apps/web/docker/Web", "FROM scratch\n").Write("libs/old/readme", "");
  files.Write("nopo.yml", "name: shop\n");
  files.Write(kind == "root" ? "nopo.yml" : "apps/web/nopo.yml", text);
  const absl::StatusOr<LoadedProject> loaded = LoadProject(files.root());
  if (!loaded.ok()) return {std::string(loaded.status().message()), {}};
  return {"", loaded->project->warnings};
}

struct CorpusDocument {
  std::string kind;
  std::string text;
};

std::vector<CorpusDocument> Corpus(const std::string& name) {
  std::vector<CorpusDocument> documents;
  for (const std::string kind : {"root", "target"}) {
    const std::string file =
        ReadFile(kSourceDir / "tests/corpus/config" / kind / absl::StrCat(name, ".yml"));
    for (const absl::string_view text : absl::StrSplit(file, "\n---\n")) {
      documents.push_back({kind, std::string(text)});
    }
  }
  return documents;
}

TEST(ConfigCorpusTest, LoaderTakesWhatIsGood) {
  for (const auto& [kind, text] : Corpus("good")) {
    const Verdict verdict = Judge(kind, text);
    EXPECT_EQ(verdict.mistakes, "") << kind << ":\n" << text;
    EXPECT_THAT(verdict.warnings, Each(Not(HasSubstr("unknown key")))) << kind << ":\n" << text;
  }
}

TEST(ConfigCorpusTest, LoaderTakesUnknownKeysWithAWarning) {
  for (const auto& [kind, text] : Corpus("unknown")) {
    const Verdict verdict = Judge(kind, text);
    EXPECT_EQ(verdict.mistakes, "") << kind << ":\n" << text;
    ASSERT_EQ(verdict.warnings.size(), 1u) << kind << ":\n" << text;
    EXPECT_THAT(verdict.warnings[0], HasSubstr("unknown key")) << kind << ":\n" << text;
  }
}

TEST(ConfigCorpusTest, LoaderRefusesWhatIsBadSayingWhereAndWhatIsAccepted) {
  for (const std::string name : {"bad", "beyond"}) {
    for (const auto& [kind, text] : Corpus(name)) {
      const std::string mistakes = Judge(kind, text).mistakes;
      EXPECT_THAT(mistakes, HasSubstr("found ")) << kind << ":\n" << text;
      EXPECT_THAT(mistakes, HasSubstr(kind == "root" ? "nopo.yml:" : "apps/web/nopo.yml:"))
          << kind << ":\n"
          << text;
      EXPECT_TRUE(mistakes.find("expected ") != std::string::npos ||
                  mistakes.find("which is no target") != std::string::npos ||
                  mistakes.find("did you mean") != std::string::npos)
          << mistakes;
    }
  }
}

// Walks a schema's maps of fixed keys, and asks the loader which keys it knows in the same place.
class KeyComparison {
 public:
  explicit KeyComparison(const std::string& kind)
      : kind_(kind), schema_(json::parse(ReadFile(kSourceDir / "packaging/nopo.schema.json"))) {}

  // The number of maps compared.
  int Run() {
    Compare(At(absl::StrCat("/$defs/", kind_)), "", "");
    return compared_;
  }

 private:
  const json::value& At(const std::string& pointer) const { return schema_.at_pointer(pointer); }

  // What else a map must hold for the loader to be content with it.
  static std::string Companions(const json::object& properties) {
    if (properties.contains("os")) return "name: a, ";
    if (properties.contains("environment") && properties.contains("src")) {
      return "id: a, environment: B, ";
    }
    if (properties.contains("lockfiles")) return "name: a, lockfiles: [b], online: c, ";
    if (properties.contains("commands") && properties.contains("dir")) return "command: x, ";
    return "";
  }

  // `before` and `after` are what surrounds the value that `schema` is for, as flow YAML.
  void Compare(const json::value& schema, const std::string& before, const std::string& after) {
    if (!schema.is_object()) return;
    const json::object& object = schema.get_object();
    if (const json::value* ref = object.if_contains("$ref")) {
      return Compare(At(std::string(ref->as_string()).substr(1)), before, after);
    }
    if (const json::value* alternatives = object.if_contains("anyOf")) {
      for (const json::value& alternative : alternatives->as_array()) {
        Compare(alternative, before, after);
      }
    }
    if (const json::value* items = object.if_contains("items")) {
      Compare(*items, before + "[", "]" + after);
    }
    if (const json::value* rest = object.if_contains("additionalProperties")) {
      const json::value* names = object.if_contains("propertyNames");
      const json::value* only =
          names == nullptr ? nullptr : names->as_object().if_contains("const");
      const std::string name(only == nullptr ? "x" : only->as_string());
      Compare(*rest, absl::StrCat(before, "{", name, ": "), "}" + after);
    }
    const json::value* properties = object.if_contains("properties");
    if (properties == nullptr || !object.contains("additionalProperties")) return;
    CompareKeys(properties->get_object(), before, after);
    for (const auto& [key, value] : properties->get_object()) {
      // A command has either `command` or `commands`.
      const std::string companions = key == "commands" ? "" : Companions(properties->get_object());
      Compare(value, absl::StrCat(before, "{", companions, std::string(key), ": "), "}" + after);
    }
  }

  void CompareKeys(const json::object& properties, const std::string& before,
                   const std::string& after) {
    constexpr absl::string_view kUnknown = "qqqqqqqqqqqqqqqq";
    std::set<std::string> in_schema;
    for (const auto& [key, value] : properties) {
      if (value != json::value(false)) in_schema.emplace(key);
    }
    const std::string text =
        absl::StrCat(before, "{", Companions(properties), kUnknown, ": 1}", after);
    const Verdict verdict = Judge(kind_, text);
    // Other things may be wrong with the value as well.
    const auto warning =
        std::find_if(verdict.warnings.begin(), verdict.warnings.end(),
                     [&](const std::string& line) { return absl::StrContains(line, kUnknown); });
    const std::string said = warning == verdict.warnings.end() ? verdict.mistakes : *warning;
    const std::vector<std::string> parts = absl::StrSplit(said, absl::StrCat("'", kUnknown, "'"));
    ASSERT_EQ(parts.size(), 2u) << text << "\n" << said;
    const std::vector<std::string> names =
        absl::StrSplit(parts[1].substr(parts[1].find("one of ") + 7, parts[1].find('\n')), ", ");
    EXPECT_EQ(in_schema, std::set<std::string>(names.begin(), names.end())) << text;
    ++compared_;
  }

  std::string kind_;
  json::value schema_;
  int compared_ = 0;
};

TEST(ConfigSchemaTest, KnowsTheKeysThatTheLoaderKnows) {
  EXPECT_GE(KeyComparison("root").Run(), 9);
  EXPECT_GE(KeyComparison("target").Run(), 12);
}

}  // namespace
}  // namespace nopo
