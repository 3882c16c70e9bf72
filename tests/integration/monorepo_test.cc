// A monorepo as they are: tests/fixtures/monorepo loads, lists and plans as written down beside it.
//
// monorepo.transcript holds calls ("$ nopo lint --dry-run") and what each of them prints on stdout;
// monorepo.list.json what `nopo list --json` does. ROOT stands for the project's directory.
#include <gmock/gmock.h>

#include <fstream>
#include <sstream>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "tests/integration/nopo_test.h"

namespace nopo {
namespace {

const std::filesystem::path kFixtures = NOPO_FIXTURES;

std::string TextOf(const std::filesystem::path& file) {
  std::ostringstream text;
  text << std::ifstream(file).rdbuf();
  return text.str();
}

struct Call {
  std::vector<std::string> arguments;
  std::string expected;
};

std::vector<Call> ReadTranscript(const std::filesystem::path& file) {
  std::vector<Call> calls;
  const std::string text = TextOf(file);
  for (absl::string_view line : absl::StrSplit(absl::StripSuffix(text, "\n"), '\n')) {
    if (absl::ConsumePrefix(&line, "$ nopo ")) {
      calls.push_back({absl::StrSplit(line, ' '), ""});
    } else {
      absl::StrAppend(&calls.back().expected, line, "\n");
    }
  }
  return calls;
}

class MonorepoTest : public NopoTest {
 protected:
  void SetUp() override {
    NopoTest::SetUp();
    if (IsSkipped()) return;
    std::filesystem::copy(kFixtures / "monorepo", project(),
                          std::filesystem::copy_options::recursive);
  }

  std::string WithoutRoot(const std::string& text) const {
    return absl::StrReplaceAll(text, {{project().string(), "ROOT"}});
  }
};

TEST_F(MonorepoTest, IsValidWithoutWarnings) {
  const ProcessOutcome outcome = Nopo({"list", "--validate"});

  EXPECT_EQ(outcome.out, "✓ Valid nopo.yml: Harbour Shop (13 services)\n");
  EXPECT_EQ(outcome.err, "");
}

TEST_F(MonorepoTest, IsListedAsWrittenDown) {
  const ProcessOutcome outcome = Nopo({"list", "--json"});

  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_EQ(WithoutRoot(outcome.out), TextOf(kFixtures / "monorepo.list.json"));
}

TEST_F(MonorepoTest, IsPlannedAsWrittenDown) {
  const std::vector<Call> calls = ReadTranscript(kFixtures / "monorepo.transcript");
  EXPECT_GT(calls.size(), 20u);
  for (const Call& call : calls) {
    const ProcessOutcome outcome = Nopo(call.arguments);
    const std::string line = absl::StrCat("nopo ", absl::StrJoin(call.arguments, " "));
    EXPECT_EQ(outcome.exit_code, 0) << line << "\n" << outcome.err;
    EXPECT_EQ(WithoutRoot(outcome.out), call.expected) << line;
  }
}

TEST_F(MonorepoTest, IsFoundFromAnywhereInsideOfIt) {
  for (const char* dir : {"apps/web", "packages/js/ui", ".infra/postgres", "docs/site"}) {
    EXPECT_THAT(NopoIn(project() / dir, {"list", "--csv"}).out,
                testing::StartsWith("api,e2e,gateway,"))
        << dir;
  }
  EXPECT_EQ(NopoIn(project() / "packages/js/ui", {"lint", ".", "--dry-run"}).out,
            "Stage 1: [ui:lint]\n");
}

}  // namespace
}  // namespace nopo
