// sql/keyword.h: the words of the language, and which of them may be names.
#pragma once

#include <cstdint>
#include <string_view>

namespace tupelo {

// Only what would make the grammar ambiguous is reserved, far less than the standard reserves:
// words such as DATE, KEY, VALUE or POSITION are columns of many people's tables.
enum class KeywordClass : uint8_t {
  kReserved,  // a name only between quotes
  kNeedsAs,   // a name, but as an alias only after AS
  kUsable,    // a name anywhere
};

// Sorted by text.
#define TUPELO_KEYWORDS(X)                             \
  X(kAbsolute, "ABSOLUTE", kUsable)                    \
  X(kAction, "ACTION", kUsable)                        \
  X(kAdd, "ADD", kUsable)                              \
  X(kAll, "ALL", kReserved)                            \
  X(kAlter, "ALTER", kUsable)                          \
  X(kAlways, "ALWAYS", kUsable)                        \
  X(kAnalyze, "ANALYZE", kUsable)                      \
  X(kAnd, "AND", kReserved)                            \
  X(kAny, "ANY", kReserved)                            \
  X(kArray, "ARRAY", kUsable)                          \
  X(kAs, "AS", kReserved)                              \
  X(kAsc, "ASC", kReserved)                            \
  X(kAsymmetric, "ASYMMETRIC", kReserved)              \
  X(kAt, "AT", kUsable)                                \
  X(kAttach, "ATTACH", kUsable)                        \
  X(kBegin, "BEGIN", kUsable)                          \
  X(kBetween, "BETWEEN", kNeedsAs)                     \
  X(kBigint, "BIGINT", kUsable)                        \
  X(kBinary, "BINARY", kUsable)                        \
  X(kBit, "BIT", kUsable)                              \
  X(kBlob, "BLOB", kUsable)                            \
  X(kBoolean, "BOOLEAN", kUsable)                      \
  X(kBoth, "BOTH", kReserved)                          \
  X(kBreadth, "BREADTH", kUsable)                      \
  X(kBy, "BY", kUsable)                                \
  X(kCall, "CALL", kUsable)                            \
  X(kCascade, "CASCADE", kUsable)                      \
  X(kCascaded, "CASCADED", kUsable)                    \
  X(kCase, "CASE", kReserved)                          \
  X(kCast, "CAST", kReserved)                          \
  X(kChain, "CHAIN", kUsable)                          \
  X(kChar, "CHAR", kUsable)                            \
  X(kCharacter, "CHARACTER", kUsable)                  \
  X(kCharacteristics, "CHARACTERISTICS", kUsable)      \
  X(kCheck, "CHECK", kReserved)                        \
  X(kClob, "CLOB", kUsable)                            \
  X(kClose, "CLOSE", kUsable)                          \
  X(kCoalesce, "COALESCE", kUsable)                    \
  X(kCollate, "COLLATE", kReserved)                    \
  X(kColumn, "COLUMN", kReserved)                      \
  X(kCommit, "COMMIT", kUsable)                        \
  X(kCommitted, "COMMITTED", kUsable)                  \
  X(kConflict, "CONFLICT", kUsable)                    \
  X(kConnect, "CONNECT", kUsable)                      \
  X(kConstraint, "CONSTRAINT", kReserved)              \
  X(kConstraints, "CONSTRAINTS", kUsable)              \
  X(kContinue, "CONTINUE", kUsable)                    \
  X(kCopy, "COPY", kUsable)                            \
  X(kCorresponding, "CORRESPONDING", kUsable)          \
  X(kCreate, "CREATE", kReserved)                      \
  X(kCross, "CROSS", kReserved)                        \
  X(kCube, "CUBE", kUsable)                            \
  X(kCurrent, "CURRENT", kUsable)                      \
  X(kCurrentDate, "CURRENT_DATE", kReserved)           \
  X(kCurrentTime, "CURRENT_TIME", kReserved)           \
  X(kCurrentTimestamp, "CURRENT_TIMESTAMP", kReserved) \
  X(kCurrentUser, "CURRENT_USER", kReserved)           \
  X(kCursor, "CURSOR", kUsable)                        \
  X(kCycle, "CYCLE", kUsable)                          \
  X(kData, "DATA", kUsable)                            \
  X(kDatabase, "DATABASE", kUsable)                    \
  X(kDate, "DATE", kUsable)                            \
  X(kDay, "DAY", kUsable)                              \
  X(kDeallocate, "DEALLOCATE", kUsable)                \
  X(kDec, "DEC", kUsable)                              \
  X(kDecimal, "DECIMAL", kUsable)                      \
  X(kDeclare, "DECLARE", kUsable)                      \
  X(kDefault, "DEFAULT", kReserved)                    \
  X(kDefaults, "DEFAULTS", kUsable)                    \
  X(kDeferrable, "DEFERRABLE", kReserved)              \
  X(kDeferred, "DEFERRED", kUsable)                    \
  X(kDelete, "DELETE", kUsable)                        \
  X(kDepth, "DEPTH", kUsable)                          \
  X(kDesc, "DESC", kReserved)                          \
  X(kDescribe, "DESCRIBE", kUsable)                    \
  X(kDetach, "DETACH", kUsable)                        \
  X(kDisconnect, "DISCONNECT", kUsable)                \
  X(kDistinct, "DISTINCT", kReserved)                  \
  X(kDo, "DO", kUsable)                                \
  X(kDomain, "DOMAIN", kUsable)                        \
  X(kDouble, "DOUBLE", kUsable)                        \
  X(kDrop, "DROP", kUsable)                            \
  X(kElse, "ELSE", kReserved)                          \
  X(kEnd, "END", kReserved)                            \
  X(kEscape, "ESCAPE", kUsable)                        \
  X(kExcept, "EXCEPT", kReserved)                      \
  X(kExclude, "EXCLUDE", kUsable)                      \
  X(kExcluding, "EXCLUDING", kUsable)                  \
  X(kExecute, "EXECUTE", kUsable)                      \
  X(kExists, "EXISTS", kReserved)                      \
  X(kExplain, "EXPLAIN", kUsable)                      \
  X(kExtract, "EXTRACT", kUsable)                      \
  X(kFalse, "FALSE", kReserved)                        \
  X(kFetch, "FETCH", kReserved)                        \
  X(kFilter, "FILTER", kUsable)                        \
  X(kFirst, "FIRST", kUsable)                          \
  X(kFloat, "FLOAT", kUsable)                          \
  X(kFollowing, "FOLLOWING", kUsable)                  \
  X(kFor, "FOR", kReserved)                            \
  X(kForeign, "FOREIGN", kReserved)                    \
  X(kFrom, "FROM", kReserved)                          \
  X(kFull, "FULL", kReserved)                          \
  X(kFunction, "FUNCTION", kUsable)                    \
  X(kGenerated, "GENERATED", kUsable)                  \
  X(kGlob, "GLOB", kNeedsAs)                           \
  X(kGlobal, "GLOBAL", kUsable)                        \
  X(kGrant, "GRANT", kReserved)                        \
  X(kGroup, "GROUP", kReserved)                        \
  X(kGrouping, "GROUPING", kUsable)                    \
  X(kGroups, "GROUPS", kUsable)                        \
  X(kHaving, "HAVING", kReserved)                      \
  X(kHour, "HOUR", kUsable)                            \
  X(kIdentity, "IDENTITY", kUsable)                    \
  X(kIf, "IF", kUsable)                                \
  X(kIgnore, "IGNORE", kUsable)                        \
  X(kIlike, "ILIKE", kNeedsAs)                         \
  X(kImmediate, "IMMEDIATE", kUsable)                  \
  X(kIn, "IN", kReserved)                              \
  X(kIncluding, "INCLUDING", kUsable)                  \
  X(kIncrement, "INCREMENT", kUsable)                  \
  X(kIndex, "INDEX", kUsable)                          \
  X(kInitially, "INITIALLY", kReserved)                \
  X(kInner, "INNER", kReserved)                        \
  X(kInsert, "INSERT", kUsable)                        \
  X(kInt, "INT", kUsable)                              \
  X(kInteger, "INTEGER", kUsable)                      \
  X(kIntersect, "INTERSECT", kReserved)                \
  X(kInterval, "INTERVAL", kUsable)                    \
  X(kInto, "INTO", kReserved)                          \
  X(kIs, "IS", kReserved)                              \
  X(kIsolation, "ISOLATION", kUsable)                  \
  X(kJoin, "JOIN", kReserved)                          \
  X(kKey, "KEY", kUsable)                              \
  X(kLarge, "LARGE", kUsable)                          \
  X(kLast, "LAST", kUsable)                            \
  X(kLateral, "LATERAL", kReserved)                    \
  X(kLeading, "LEADING", kReserved)                    \
  X(kLeft, "LEFT", kReserved)                          \
  X(kLevel, "LEVEL", kUsable)                          \
  X(kLike, "LIKE", kReserved)                          \
  X(kLikeRegex, "LIKE_REGEX", kNeedsAs)                \
  X(kLimit, "LIMIT", kReserved)                        \
  X(kLocal, "LOCAL", kUsable)                          \
  X(kLocaltime, "LOCALTIME", kReserved)                \
  X(kLocaltimestamp, "LOCALTIMESTAMP", kReserved)      \
  X(kLocked, "LOCKED", kUsable)                        \
  X(kMatch, "MATCH", kUsable)                          \
  X(kMatched, "MATCHED", kUsable)                      \
  X(kMaterialized, "MATERIALIZED", kUsable)            \
  X(kMaxvalue, "MAXVALUE", kUsable)                    \
  X(kMerge, "MERGE", kUsable)                          \
  X(kMinute, "MINUTE", kUsable)                        \
  X(kMinvalue, "MINVALUE", kUsable)                    \
  X(kMonth, "MONTH", kUsable)                          \
  X(kNames, "NAMES", kUsable)                          \
  X(kNational, "NATIONAL", kUsable)                    \
  X(kNatural, "NATURAL", kReserved)                    \
  X(kNchar, "NCHAR", kUsable)                          \
  X(kNclob, "NCLOB", kUsable)                          \
  X(kNext, "NEXT", kUsable)                            \
  X(kNo, "NO", kUsable)                                \
  X(kNormalized, "NORMALIZED", kUsable)                \
  X(kNot, "NOT", kReserved)                            \
  X(kNothing, "NOTHING", kUsable)                      \
  X(kNowait, "NOWAIT", kUsable)                        \
  X(kNull, "NULL", kReserved)                          \
  X(kNullif, "NULLIF", kUsable)                        \
  X(kNulls, "NULLS", kUsable)                          \
  X(kNumeric, "NUMERIC", kUsable)                      \
  X(kObject, "OBJECT", kUsable)                        \
  X(kOf, "OF", kUsable)                                \
  X(kOffset, "OFFSET", kReserved)                      \
  X(kOn, "ON", kReserved)                              \
  X(kOnly, "ONLY", kReserved)                          \
  X(kOpen, "OPEN", kUsable)                            \
  X(kOption, "OPTION", kUsable)                        \
  X(kOr, "OR", kReserved)                              \
  X(kOrder, "ORDER", kReserved)                        \
  X(kOthers, "OTHERS", kUsable)                        \
  X(kOuter, "OUTER", kReserved)                        \
  X(kOver, "OVER", kUsable)                            \
  X(kOverflow, "OVERFLOW", kUsable)                    \
  X(kOverlaps, "OVERLAPS", kReserved)                  \
  X(kOverlay, "OVERLAY", kUsable)                      \
  X(kOverriding, "OVERRIDING", kUsable)                \
  X(kPartial, "PARTIAL", kUsable)                      \
  X(kPartition, "PARTITION", kUsable)                  \
  X(kPlacing, "PLACING", kReserved)                    \
  X(kPosition, "POSITION", kUsable)                    \
  X(kPragma, "PRAGMA", kUsable)                        \
  X(kPreceding, "PRECEDING", kUsable)                  \
  X(kPrecision, "PRECISION", kUsable)                  \
  X(kPrepare, "PREPARE", kUsable)                      \
  X(kPreserve, "PRESERVE", kUsable)                    \
  X(kPrimary, "PRIMARY", kReserved)                    \
  X(kProcedure, "PROCEDURE", kUsable)                  \
  X(kRange, "RANGE", kUsable)                          \
  X(kRead, "READ", kUsable)                            \
  X(kReal, "REAL", kUsable)                            \
  X(kRecursive, "RECURSIVE", kUsable)                  \
  X(kReferences, "REFERENCES", kReserved)              \
  X(kRegexp, "REGEXP", kUsable)                        \
  X(kReindex, "REINDEX", kUsable)                      \
  X(kRelease, "RELEASE", kUsable)                      \
  X(kRename, "RENAME", kUsable)                        \
  X(kRepeatable, "REPEATABLE", kUsable)                \
  X(kReplace, "REPLACE", kUsable)                      \
  X(kRespect, "RESPECT", kUsable)                      \
  X(kRestart, "RESTART", kUsable)                      \
  X(kRestrict, "RESTRICT", kUsable)                    \
  X(kReturning, "RETURNING", kReserved)                \
  X(kRevoke, "REVOKE", kUsable)                        \
  X(kRight, "RIGHT", kReserved)                        \
  X(kRole, "ROLE", kUsable)                            \
  X(kRollback, "ROLLBACK", kUsable)                    \
  X(kRollup, "ROLLUP", kUsable)                        \
  X(kRow, "ROW", kUsable)                              \
  X(kRows, "ROWS", kUsable)                            \
  X(kSavepoint, "SAVEPOINT", kUsable)                  \
  X(kSchema, "SCHEMA", kUsable)                        \
  X(kSearch, "SEARCH", kUsable)                        \
  X(kSecond, "SECOND", kUsable)                        \
  X(kSelect, "SELECT", kReserved)                      \
  X(kSequence, "SEQUENCE", kUsable)                    \
  X(kSerializable, "SERIALIZABLE", kUsable)            \
  X(kSession, "SESSION", kUsable)                      \
  X(kSessionUser, "SESSION_USER", kReserved)           \
  X(kSet, "SET", kNeedsAs)                             \
  X(kSets, "SETS", kUsable)                            \
  X(kShare, "SHARE", kUsable)                          \
  X(kShow, "SHOW", kUsable)                            \
  X(kSimilar, "SIMILAR", kReserved)                    \
  X(kSimple, "SIMPLE", kUsable)                        \
  X(kSkip, "SKIP", kUsable)                            \
  X(kSmallint, "SMALLINT", kUsable)                    \
  X(kSome, "SOME", kReserved)                          \
  X(kStart, "START", kUsable)                          \
  X(kStored, "STORED", kUsable)                        \
  X(kSubstring, "SUBSTRING", kUsable)                  \
  X(kSymmetric, "SYMMETRIC", kReserved)                \
  X(kSystem, "SYSTEM", kUsable)                        \
  X(kSystemUser, "SYSTEM_USER", kReserved)             \
  X(kTable, "TABLE", kReserved)                        \
  X(kTemp, "TEMP", kUsable)                            \
  X(kTemporary, "TEMPORARY", kUsable)                  \
  X(kText, "TEXT", kUsable)                            \
  X(kThen, "THEN", kReserved)                          \
  X(kTies, "TIES", kUsable)                            \
  X(kTime, "TIME", kUsable)                            \
  X(kTimestamp, "TIMESTAMP", kUsable)                  \
  X(kTimezoneHour, "TIMEZONE_HOUR", kUsable)           \
  X(kTimezoneMinute, "TIMEZONE_MINUTE", kUsable)       \
  X(kTo, "TO", kReserved)                              \
  X(kTrailing, "TRAILING", kReserved)                  \
  X(kTransaction, "TRANSACTION", kUsable)              \
  X(kTranslation, "TRANSLATION", kUsable)              \
  X(kTreat, "TREAT", kUsable)                          \
  X(kTrigger, "TRIGGER", kUsable)                      \
  X(kTrim, "TRIM", kUsable)                            \
  X(kTrue, "TRUE", kReserved)                          \
  X(kTruncate, "TRUNCATE", kUsable)                    \
  X(kType, "TYPE", kUsable)                            \
  X(kUnbounded, "UNBOUNDED", kUsable)                  \
  X(kUncommitted, "UNCOMMITTED", kUsable)              \
  X(kUnion, "UNION", kReserved)                        \
  X(kUnique, "UNIQUE", kReserved)                      \
  X(kUnknown, "UNKNOWN", kReserved)                    \
  X(kUpdate, "UPDATE", kUsable)                        \
  X(kUser, "USER", kReserved)                          \
  X(kUsing, "USING", kReserved)                        \
  X(kVacuum, "VACUUM", kUsable)                        \
  X(kValue, "VALUE", kUsable)                          \
  X(kValues, "VALUES", kNeedsAs)                       \
  X(kVarbinary, "VARBINARY", kUsable)                  \
  X(kVarchar, "VARCHAR", kUsable)                      \
  X(kVarying, "VARYING", kUsable)                      \
  X(kView, "VIEW", kUsable)                            \
  X(kVirtual, "VIRTUAL", kUsable)                      \
  X(kWhen, "WHEN", kReserved)                          \
  X(kWhere, "WHERE", kReserved)                        \
  X(kWindow, "WINDOW", kReserved)                      \
  X(kWith, "WITH", kReserved)                          \
  X(kWithin, "WITHIN", kUsable)                        \
  X(kWithout, "WITHOUT", kUsable)                      \
  X(kWork, "WORK", kUsable)                            \
  X(kWrite, "WRITE", kUsable)                          \
  X(kYear, "YEAR", kUsable)                            \
  X(kZone, "ZONE", kUsable)

enum class Keyword : uint16_t {
  kNone,  // not a keyword
#define TUPELO_ENUM(id, text, keyword_class) id,
  TUPELO_KEYWORDS(TUPELO_ENUM)
#undef TUPELO_ENUM
};

// The keyword that `word` is without regard to case, else kNone. Does not allocate.
Keyword FindKeyword(std::string_view word);

// In upper case. REQUIRES: not kNone.
std::string_view KeywordText(Keyword keyword);
KeywordClass ClassOf(Keyword keyword);

}  // namespace tupelo
